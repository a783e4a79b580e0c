import test from 'ava';
import { following } from '../../../api/graphql/following.ts';
import { createUnreadBudget } from '../../../api/http/unread-budget.ts';

const eventBytes = 1_024;
const tooSlow = { message: 'too slow: too much waits to be read' };

/** A subscription, and where its events are put. */
function begin(most: number | 'last', unread = createUnreadBudget()) {
  const stopping = new AbortController();
  let push!: (event: number) => void;
  let isOver = false;
  const events = following<number>(
    (put) => {
      push = put;
      return () => {
        isOver = true;
      };
    },
    { most, api: { stopping: stopping.signal, unread } },
  );
  return { events, push, stopping, isOver: () => isOver };
}

test('events wait for their reader, and are told in order', async (t) => {
  const { events, push, stopping } = begin(10);
  for (const event of [1, 2, 3]) push(event);
  const told: number[] = [];
  for await (const event of events) {
    told.push(event);
    if (event === 3) stopping.abort();
  }
  t.deepEqual(told, [1, 2, 3]);
});

test('of a book the newest waits alone', async (t) => {
  const { events, push } = begin('last');
  for (const event of [1, 2, 3]) push(event);
  t.is((await events.next()).value, 3);
});

test('a reader for whom too many events wait is ended, and they are let go of', async (t) => {
  const { events, push, isOver } = begin(2);
  for (const event of [1, 2, 3]) push(event);
  t.true(isOver());
  await t.throwsAsync(() => events.next(), tooSlow);
});

test('of all readers those who hold most are ended once all together hold too much', async (t) => {
  const unread = createUnreadBudget(10 * eventBytes);
  const [greedy, modest] = [begin(100, unread), begin(100, unread)];
  for (let event = 0; event < 8; event++) greedy.push(event);
  for (let event = 0; event < 4; event++) modest.push(event);
  unread.check();
  t.deepEqual([greedy.isOver(), modest.isOver()], [true, false]);
  await t.throwsAsync(() => greedy.events.next(), tooSlow);
  t.is((await modest.events.next()).value, 0);
  await modest.events.return!();
  t.true(modest.isOver());
});
