import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import test from 'ava';
import type { Claimant } from '../../../api/auth/callers.ts';
import { createEventStreams } from '../../../api/graphql/event-streams.ts';
import { until } from '../../support/until.ts';

const feedLimits = { sockets: 3, openingsPerSecond: 1_000, messagesPerSecond: 1_000 };
const addresses = { message: 'Public rate limit exceeded' };

/** The answer of a stream, as far as it is looked at. */
class Answer extends EventEmitter {
  writableNeedDrain = false;
  destroy(): void {
    this.emit('close');
  }
}

const answer = () => new Answer() as unknown as ServerResponse & Answer;
const trader = (traderId: number) =>
  ({ caller: { traderId }, shown: { tokenId: 1, keyId: null, personId: null } }) as Claimant;

test('an address has as many streams as it may have sockets', (t) => {
  const { enter, close } = createEventStreams({ rateLimits: true, feedLimits });
  t.teardown(close);
  const open = Array.from({ length: 3 }, answer);
  for (const one of open) enter(one, '1.1.1.1', null);
  t.throws(() => enter(answer(), '1.1.1.1', null), addresses);
  enter(answer(), '2.2.2.2', null);
  open[0]!.emit('close');
  enter(answer(), '1.1.1.1', null);
});

test('a caller has fifty streams, from wherever it opens them', (t) => {
  const { enter, close } = createEventStreams({ rateLimits: false, feedLimits });
  t.teardown(close);
  const open = Array.from({ length: 50 }, answer);
  for (const [i, one] of open.entries()) enter(one, `1.1.1.${i}`, trader(1));
  const message = 'At most 50 subscriptions of a caller are open at a time';
  t.throws(() => enter(answer(), '2.2.2.2', trader(1)), { message });
  enter(answer(), '2.2.2.2', trader(2));
  open[0]!.emit('close');
  enter(answer(), '2.2.2.2', trader(1));
});

test('a stream that nobody reads is ended', async (t) => {
  const { enter, close } = createEventStreams({ rateLimits: false, feedLimits }, 100);
  t.teardown(close);
  const [stuck, read] = [answer(), answer()];
  const ended: object[] = [];
  for (const one of [stuck, read]) {
    enter(one, '1.1.1.1', null);
    one.on('close', () => ended.push(one));
  }
  stuck.writableNeedDrain = true;
  await until(() => ended.length > 0);
  t.deepEqual(ended, [stuck]);
});
