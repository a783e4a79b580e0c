import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { createLog } from '../../core/log.ts';
import { createFreshness, type Freshness, StalePostgresError } from '../../sql/freshness.ts';
import { hopelessFor } from '../../sql/hopeless.ts';
import { openPool } from '../../sql/pool.ts';
import { isPostgresAway } from '../../sql/postgres-away.ts';
import { withTimeout } from '../../sql/with-timeout.ts';
import { execute, freshDatabase } from '../support/database.ts';

const log = createLog('test', 'silent');
const pidRow = z.object({ pid: z.number() });
const pidQuery = sql.type(pidRow)`select pg_backend_pid() as pid`;

type Setting = { readonly url: string; readonly pool: DatabasePool; readonly freshness: Freshness };

async function setUp(t: ExecutionContext, options = ''): Promise<Setting> {
  const { url, drop } = await freshDatabase();
  t.teardown(drop);
  const freshness = createFreshness();
  const pool = await openPool(`${url}${options}`, log, {
    maxPoolSize: 2,
    statementTimeout: 5_000,
    freshness,
  });
  t.teardown(() => pool.end());
  return { url, pool, freshness };
}

const setCheckpoint = (url: string, sequence: number): Promise<void> =>
  execute(url, `update checkpoints set sequence = ${sequence} where shard = 'main'`);

test('a connection to a PostgreSQL that lacks what the writer wrote is closed, and the read waits for one that has it', async (t) => {
  const { url, pool, freshness } = await setUp(t);
  await setCheckpoint(url, 5);
  freshness.reaches('main', 5);
  const { pid } = await pool.one(pidQuery);
  t.is((await pool.one(pidQuery)).pid, pid, 'one that is good stays');
  freshness.reaches('main', 9);
  freshness.doubt();
  const error = await t.throwsAsync(pool.one(pidQuery), { message: /up to 5, and its writer has written 9/ });
  t.true(isPostgresAway(error));
  const waiting = withTimeout(pool, 5_000).one(pidQuery);
  await setCheckpoint(url, 9);
  t.not((await waiting).pid, pid);
});

test('what PostgreSQL never gets is a refusal in time', async (t) => {
  const { pool, freshness } = await setUp(t);
  freshness.reaches('main', 2 ** 40);
  const before = performance.now();
  await t.throwsAsync(withTimeout(pool, 300).one(pidQuery));
  t.true(performance.now() - before < 2_000);
});

test('a PostgreSQL that is read-only is not read', async (t) => {
  const { pool } = await setUp(t, '%20-c%20default_transaction_read_only%3Don');
  const error = await t.throwsAsync(pool.one(pidQuery), { message: /read-only/ });
  t.true(isPostgresAway(error));
  t.true(error instanceof StalePostgresError || error.cause instanceof StalePostgresError);
});

test('a role with few connections answers all the same', async (t) => {
  const { url } = await freshDatabaseOf(t);
  const role = `few_${randomBytes(4).toString('hex')}`;
  await execute(url, `create role ${role} login password 'x' connection limit 3`);
  t.teardown(() => execute(url, `drop role ${role}`));
  const limited = url.replace(/\/\/[^@]*@/, `//${role}:x@`);
  const pool = await openPool(limited, log, { maxPoolSize: 8, statementTimeout: 5_000 });
  t.teardown(() => pool.end());
  const reads = withTimeout(pool, 10_000);
  const asked = Array.from({ length: 24 }, () => reads.query(sql.unsafe`select pg_sleep(0.02)`));
  t.is((await Promise.all(asked)).length, 24);
});

async function freshDatabaseOf(t: ExecutionContext): Promise<{ url: string }> {
  const { url, drop } = await freshDatabase();
  t.teardown(drop);
  return { url };
}

const unusable: Record<string, (url: string) => string> = {
  'refuses the login': (url) => url.replace(/\/\/([^:@]*):[^@]*@/, '//$1:wrong@'),
  'has no database': (url) => url.replace(/\/[^/?]+\?/, '/nowhere?'),
  'sslmode of DATABASE_URL cannot work': (url) => `${url}&sslmode=require`,
};

for (const [sentence, spoil] of Object.entries(unusable))
  test(`after ten seconds of it there is a sentence: ${sentence}`, async (t) => {
    const { url } = await freshDatabaseOf(t);
    const options = { maxPoolSize: 1, statementTimeout: 1_000 };
    const error = await t.throwsAsync(openPool(spoil(url), log, options));
    t.is(hopelessFor(error, 1_000), null);
    t.regex(hopelessFor(error, 10_000) ?? '', new RegExp(sentence));
  });

test('a database that is not there is waited for', async (t) => {
  const options = { maxPoolSize: 1, statementTimeout: 1_000 };
  const error = await t.throwsAsync(openPool('postgresql://127.0.0.1:1/x', log, options));
  t.is(hopelessFor(error, 600_000), null);
});
