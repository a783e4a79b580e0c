import test from 'ava';
import { singleFlight } from '../../core/single-flight.ts';

/** Look-ups that end when told to, in the order in which they began. */
function controlled() {
  const begun: PromiseWithResolvers<string>[] = [];
  const ask = singleFlight(() => {
    const answer = Promise.withResolvers<string>();
    begun.push(answer);
    return answer.promise;
  });
  return { begun, ask };
}

const turn = () => new Promise(setImmediate);

test('who asks while a look-up is under way shares the next one', async (t) => {
  const { begun, ask } = controlled();
  const first = ask();
  const [second, third] = [ask(), ask()];
  await turn();
  t.is(begun.length, 1);
  begun[0]!.resolve('old');
  t.is(await first, 'old');
  await turn();
  t.is(begun.length, 2);
  begun[1]!.resolve('new');
  t.deepEqual(await Promise.all([second, third]), ['new', 'new']);
});

test('who asks when none is under way has one at once', async (t) => {
  const { begun, ask } = controlled();
  for (const answer of ['one', 'two']) {
    const asked = ask();
    begun.at(-1)!.resolve(answer);
    t.is(await asked, answer);
  }
  t.is(begun.length, 2);
});

test('a look-up that fails is told to those who share it, and the next goes on', async (t) => {
  const { begun, ask } = controlled();
  const [failing, next] = [ask(), ask()];
  begun[0]!.reject(new Error('away'));
  await t.throwsAsync(failing, { message: 'away' });
  await turn();
  begun[1]!.resolve('back');
  t.is(await next, 'back');
});
