import test from 'ava';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { sleep } from '../../core/lifecycle.ts';
import { createLog } from '../../core/log.ts';
import { openPool } from '../../sql/pool.ts';
import { type Sharing, shareReads, TooManyQueries } from '../../sql/shared-reads.ts';
import { QueryTimeout } from '../../sql/with-timeout.ts';

const log = createLog('test', 'silent');
let pool: DatabasePool;
let others: DatabasePool;

test.before(async () => {
  const open = (maxPoolSize: number) =>
    openPool(process.env.DATABASE_URL!, log, { maxPoolSize, statementTimeout: 60_000 });
  [pool, others] = await Promise.all([open(6), open(1)]);
});
test.after.always(() => Promise.all([pool?.end(), others?.end()]));

const row = z.object({ name: z.string() });
const slow = (name: string, seconds = 0.2) =>
  sql.type(row)`select ${name}::text as name from (select pg_sleep(${seconds})) slept`;
const sharing = (changes: Partial<Sharing> = {}) =>
  shareReads({ pool, others, timeoutMs: 10_000, ...changes });
/** How many statements like `slow` PostgreSQL is at work on. */
async function atWork(name: string): Promise<number> {
  const { count } = await others.one(sql.type(z.object({ count: z.number() }))`
    select count(*)::int as count from pg_stat_activity
    where state = 'active' and pid <> pg_backend_pid() and query like ${`%/* ${name} */%`}`);
  return count;
}

test.serial('whoever asks much waits for itself', async (t) => {
  const readsOf = sharing();
  const ends: string[] = [];
  const ask = async (owner: number | 'public', name: string) => {
    await readsOf(owner).one(slow(name));
    ends.push(name);
  };
  await Promise.all([
    ...Array.from({ length: 12 }, () => ask(1, 'greedy')),
    ask(2, 'modest'),
    ask('public', 'public'),
  ]);
  t.deepEqual([...ends.slice(0, 4)].sort(), ['greedy', 'greedy', 'modest', 'public']);
});

test.serial('of two who ask much, each has its turn', async (t) => {
  const readsOf = sharing({ most: 1 });
  const ends: string[] = [];
  await Promise.all(
    ['a', 'a', 'a', 'b', 'b', 'b'].map(async (name) => {
      await readsOf(name === 'a' ? 1 : 2).one(slow(name, 0.01));
      ends.push(name);
    }),
  );
  t.is(ends.join(''), 'aababb');
});

test.serial('beyond what may wait, more is refused at once; what is answered makes room', async (t) => {
  const readsOf = sharing({ mostWaiting: 3 });
  const answers = await Promise.allSettled(Array.from({ length: 8 }, () => readsOf(1).one(slow('x', 0.05))));
  t.deepEqual(
    answers.map((answer) => (answer.status === 'fulfilled' ? 'answered' : answer.reason.constructor)),
    [...new Array(5).fill('answered'), ...new Array(3).fill(TooManyQueries)],
  );
  t.deepEqual(await readsOf(1).one(slow('x', 0)), { name: 'x' });
});

test.serial('what is given up is dropped by PostgreSQL, and what waited is never asked', async (t) => {
  const readsOf = sharing({ timeoutMs: 300, mostOfOne: 1 });
  const statement = sql.type(row)`select 'x' as name from (select pg_sleep(30)) slept /* given up */`;
  const both = [readsOf(1).one(statement), readsOf(1).one(statement)];
  await sleep(150);
  t.is(await atWork('given up'), 1);
  for (const answer of both) await t.throwsAsync(answer, { instanceOf: QueryTimeout });
  for (let i = 0; i < 100 && (await atWork('given up')) > 0; i++) await sleep(20);
  t.is(await atWork('given up'), 0);
  t.deepEqual(await readsOf(1).one(slow('next', 0)), { name: 'next' });
});

test.serial('a cancel never meets the next question of the connection', async (t) => {
  const readsOf = sharing({ timeoutMs: 15, mostOfOne: 6 });
  const patient = sharing({ mostOfOne: 6 });
  let given = 0;
  const canceled = Array.from({ length: 150 }, (_, i) =>
    readsOf(i % 3)
      .one(slow('late', 0.012 + (i % 7) / 1_000))
      .catch(() => given++),
  );
  const kept = Array.from({ length: 150 }, (_, i) => patient(10 + (i % 3)).one(slow('kept', 0.005)));
  await Promise.all(canceled);
  for (const { name } of await Promise.all(kept)) t.is(name, 'kept');
  t.true(given > 0);
});

test.serial(
  'a statement that PostgreSQL refuses is refused to whoever asked, and gives its place back',
  async (t) => {
    const readsOf = sharing({ mostOfOne: 1, most: 1 });
    await t.throwsAsync(readsOf(1).query(sql.unsafe`select 1 / 0`));
    t.deepEqual(await readsOf(1).one(slow('next', 0)), { name: 'next' });
  },
);
