import test from 'ava';
import { createAddresses, noLimits } from '../../../api/feed/addresses.ts';

const unlimited = { sockets: 1_000, openingsPerSecond: 1_000, messagesPerSecond: 1_000 };

function limited(t: { teardown: (done: () => void) => void }, limits: Partial<typeof unlimited>) {
  const addresses = createAddresses({ ...unlimited, ...limits });
  t.teardown(addresses.close);
  return addresses;
}

test('an address has so many sockets, and more when it closes some', (t) => {
  const { enter } = limited(t, { sockets: 2 });
  const [first, second] = [enter('1.1.1.1'), enter('1.1.1.1')];
  t.truthy(first && second);
  t.is(enter('1.1.1.1'), null);
  t.truthy(enter('2.2.2.2'));
  first!.leave();
  t.truthy(enter('1.1.1.1'));
  t.is(enter('1.1.1.1'), null);
});

test('an address opens two and a half times the sockets of a second at once, and no more', (t) => {
  const { enter } = limited(t, { openingsPerSecond: 0.001, sockets: 10 });
  t.is(enter('1.1.1.1'), null, 'less than one');
  const { enter: enterFour } = limited(t, { openingsPerSecond: 4, sockets: 100 });
  const opened = Array.from({ length: 30 }, () => enterFour('1.1.1.1')).filter((one) => one !== null);
  t.true(opened.length >= 10 && opened.length < 20, `${opened.length} of 30`);
});

test('messages of all sockets of an address count together', (t) => {
  const { enter } = limited(t, { messagesPerSecond: 4 });
  const [one, other] = [enter('1.1.1.1')!, enter('1.1.1.1')!];
  const taken = Array.from({ length: 30 }, (_, i) => (i % 2 ? one : other).mayAsk()).filter((may) => may);
  t.true(taken.length >= 10 && taken.length < 20, `${taken.length} of 30`);
  t.true(enter('2.2.2.2')!.mayAsk());
});

test('without limits there are none', (t) => {
  const { enter, close } = createAddresses(noLimits);
  t.teardown(close);
  for (let i = 0; i < 1_000; i++) t.true(enter('1.1.1.1')?.mayAsk());
});
