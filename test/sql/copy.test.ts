import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Client, defaults } from 'pg';
import { type DatabasePool, InvalidInputError, sql, UniqueIntegrityConstraintViolationError } from 'slonik';
import { z } from 'zod';
import { createLog } from '../../core/log.ts';
import { type Columns, copyRows } from '../../sql/copy.ts';
import { bigint, boolean, integer, text, timestamptz } from '../../sql/copy-rows.ts';
import { openPool } from '../../sql/pool.ts';
import { execute, freshDatabase } from '../support/database.ts';

type Sample = {
  readonly id: number;
  readonly amount: number | null;
  readonly count: number | null;
  readonly isTrue: boolean;
  readonly name: string | null;
  readonly side: string | null;
  readonly time: number | null;
};

const columns: Columns<Sample> = {
  id: bigint(({ id }) => id),
  amount: bigint(({ amount }) => amount),
  count: integer(({ count }) => count),
  is_true: boolean(({ isTrue }) => isTrue),
  name: text(({ name }) => name),
  side: text(({ side }) => side),
  time: timestamptz(({ time }) => time),
};

const row = z.object({
  id: z.number(),
  amount: z.number().nullable(),
  count: z.number().nullable(),
  isTrue: z.boolean(),
  name: z.string().nullable(),
  side: z.string().nullable(),
  time: z.number().nullable(),
});

const plain: Sample = { id: 1, amount: 0, count: 0, isTrue: false, name: '', side: 'buy', time: 0 };

let pool: DatabasePool;
let url: string;

test.before(async () => {
  ({ url } = await freshDatabase());
  pool = await openPool(url, createLog('test', 'silent'), { maxPoolSize: 2, statementTimeout: 10_000 });
  await execute(
    url,
    `create table samples (id bigint primary key, amount bigint, count integer, is_true boolean, name text, side side,
      time timestamptz, sort bigint generated always as identity)`,
  );
});
test.beforeEach(() => pool.query(sql.unsafe`truncate samples restart identity`));
test.after.always(() => pool.end());

const copy = (samples: readonly Sample[]) =>
  pool.transaction((transaction) => copyRows('samples', columns, samples)(transaction));

const stored = () =>
  pool.any(sql.type(row)`
    select id, amount, count, is_true as "isTrue", name, side, (extract(epoch from time) * 1000)::bigint as time
    from samples order by sort`);

test.serial('PostgreSQL has what was copied, in its order', async (t) => {
  const samples: Sample[] = [
    plain,
    { id: 2, amount: null, count: null, isTrue: true, name: null, side: null, time: null },
    {
      id: 2 ** 53 - 1,
      amount: -(2 ** 53 - 1),
      count: -(2 ** 31),
      isTrue: true,
      name: 'NULL',
      side: 'sell',
      time: -1,
    },
    {
      id: 2 ** 32,
      amount: -1,
      count: 2 ** 31 - 1,
      isTrue: false,
      name: 'a\t"\\N\n',
      side: 'buy',
      time: 4_102_444_800_001,
    },
    { ...plain, id: -(2 ** 32), amount: 2 ** 31, name: 'Pokémon ポケモン 🃏' },
    { ...plain, id: 3, name: 'x'.repeat(100_000) },
    { ...plain, id: 4, name: 'é'.repeat(100_000), amount: 2 ** 32 - 1 },
  ];
  await copy(samples);
  t.deepEqual(await stored(), samples);
});

test.serial('thousands of rows, and none', async (t) => {
  const samples = Array.from({ length: 20_000 }, (_, id) => ({ ...plain, id, amount: id * 2 ** 38 }));
  await copy(samples);
  t.deepEqual(await stored(), samples);
  await copy([]);
  t.is((await stored()).length, samples.length);
});

test.serial('a row that is refused leaves nothing behind, says why, and the pool goes on', async (t) => {
  await t.throwsAsync(copy([plain, { ...plain, id: 2 }, plain]), {
    instanceOf: UniqueIntegrityConstraintViolationError,
  });
  await t.throwsAsync(copy([plain, { ...plain, id: 2, side: 'neither' }]), { instanceOf: InvalidInputError });
  t.deepEqual(await stored(), []);
  await copy([plain]);
  t.deepEqual(await stored(), [plain]);
});

test.serial('a transaction that fails after a copy takes it back', async (t) => {
  const failing = pool.transaction(async (transaction) => {
    await copyRows('samples', columns, [plain])(transaction);
    throw new Error('later');
  });
  await t.throwsAsync(failing, { message: 'later' });
  t.deepEqual(await stored(), []);
});

for (const [what, then] of [
  ['an answer comes after all', 'commit'],
  [
    'the connection breaks',
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'shortLived'",
  ],
] as const)
  test.serial(
    `a copy that was not answered in time is given up, and the pool goes on, when ${what}`,
    async (t) => {
      defaults.query_timeout = 300;
      const shortLived = await openPool(`${url}&application_name=shortLived`, createLog('test', 'silent'), {
        maxPoolSize: 1,
        statementTimeout: 10_000,
      });
      defaults.query_timeout = 0;
      const copyOne = () => shortLived.transaction(copyRows('samples', columns, [plain]));
      const lock = new Client(url);
      await lock.connect();
      await lock.query('begin; lock table samples');
      const late = t.throwsAsync(copyOne(), { message: /Query read timeout/ });
      await sleep(450);
      await lock.query(then);
      await late;
      await lock.end();
      await copyOne();
      t.deepEqual(await stored(), [plain]);
      await shortLived.end();
    },
  );
