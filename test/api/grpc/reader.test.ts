import test from 'ava';
import { createReader } from '../../../api/grpc/reader.ts';
import { createUnreadBudget } from '../../../api/http/unread-budget.ts';

const message = Buffer.alloc(100);

/** A stream whose client reads nothing until it is told to. */
function open(budget: ReturnType<typeof createUnreadBudget>) {
  const gone: (() => void)[] = [];
  let isTooSlow = false;
  const call = {
    write: (_message: Buffer, done: () => void) => {
      gone.push(done);
      return true;
    },
  };
  const tooSlow = (): void => {
    isTooSlow = true;
  };
  const reader = createReader(call as never, { budget, tooSlow });
  return { reader, read: () => gone.shift()?.(), isTooSlow: () => isTooSlow };
}

test('of all streams those that hold most are ended once all together hold too much', (t) => {
  const budget = createUnreadBudget(1_000);
  const [greedy, modest] = [open(budget), open(budget)];
  for (let i = 0; i < 8; i++) greedy.reader.send(message);
  for (let i = 0; i < 4; i++) modest.reader.send(message);
  budget.check();
  t.deepEqual([greedy.isTooSlow(), modest.isTooSlow()], [true, false]);
});

test('one that reads is spared, though it holds most', (t) => {
  const budget = createUnreadBudget(1_000);
  const [reading, stuck] = [open(budget), open(budget)];
  for (let i = 0; i < 9; i++) reading.reader.send(message);
  stuck.reader.send(message);
  budget.check();
  t.deepEqual([reading.isTooSlow(), stuck.isTooSlow()], [false, false]);
  reading.read();
  for (let i = 0; i < 2; i++) stuck.reader.send(message);
  budget.check();
  t.deepEqual([reading.isTooSlow(), stuck.isTooSlow()], [false, true]);
});

test('what a stream that has ended did not read counts no more', (t) => {
  const budget = createUnreadBudget(1_000);
  const [ended, other] = [open(budget), open(budget)];
  for (let i = 0; i < 20; i++) ended.reader.send(message);
  ended.reader.stop();
  other.reader.send(message);
  budget.check();
  t.deepEqual([ended.isTooSlow(), other.isTooSlow()], [false, false]);
});
