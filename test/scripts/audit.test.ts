import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { bookKey, type ShardKeys, shardKeys } from '../../core/keys.ts';
import { sleep } from '../../core/lifecycle.ts';
import { createLog } from '../../core/log.ts';
import { match } from '../../matcher/client.ts';
import { type Audit, audit } from '../../scripts/ops/audit/audit.ts';
import { type CheckName, checkNames } from '../../scripts/ops/audit/checks.ts';
import { openPool } from '../../sql/pool.ts';
import { execute } from '../support/database.ts';
import { type Engine, matchAll, openEngine, submitAll } from '../support/engine.ts';
import { start } from '../support/funded-shard.ts';
import { historyDatabase, randomCommands } from '../support/random-history.ts';
import { redisUrl, useRedis } from '../support/redis.ts';
import { seed } from '../support/seed.ts';
import { persistedThrough, startWriter } from '../support/writer.ts';

const { redis, newShard } = useRedis();
const commands = randomCommands(1_700);
const [written, matched] = [1_300, 1_600];

/** PostgreSQL has 1,300 commands in two partitions, Redis has matched 1,600, and 100 more wait. */
let lagging: Setting;
type Setting = { engine: Engine; shard: string; url: string; pool: DatabasePool };

async function setUp(count: number): Promise<Setting> {
  const shard = newShard();
  const { url, drop } = await historyDatabase(shard);
  const pool = await openPool(url, createLog('test', 'silent'), { maxPoolSize: 2, statementTimeout: 10_000 });
  teardowns.push(async () => {
    await pool.end();
    await drop();
  });
  const engine = await openEngine(redis, shard, start);
  const writer = await startWriter(url, shard, { partitionSize: 700, commitSize: 170 });
  await submitAll(engine, commands.slice(0, count), [1, 40, 300]);
  await matchAll(engine, 25);
  await persistedThrough(pool, shard, start + count);
  await writer.stop();
  return { engine, shard, url, pool };
}

const teardowns: (() => Promise<void>)[] = [];
test.after.always(async () => {
  for (const teardown of teardowns) await teardown();
});
test.before(async (t) => {
  t.log(`SEED=${seed}`);
  lagging = await setUp(written);
  await submitAll(lagging.engine, commands.slice(written, matched), [170]);
  await matchAll(lagging.engine, 70);
  await submitAll(lagging.engine, commands.slice(matched), [30]);
  await execute(lagging.url, noticeTo('taker_trader_id'));
});

function auditOf({ url, shard }: Setting): Promise<Audit> {
  return audit({ databaseUrl: url, redisUrl: redisUrl(), shard, progress: () => {} });
}

const failed = ({ checks }: Audit): string[] =>
  (Object.keys(checkNames) as CheckName[]).filter((name) => checks[name].differences > 0);

function assertHealthy(t: ExecutionContext, result: Audit): void {
  t.deepEqual(
    failed(result).flatMap((name) => result.checks[name as CheckName].first),
    [],
  );
}

test.serial('a healthy exchange passes, although its writer lags behind and commands wait', async (t) => {
  const result = await auditOf(lagging);
  assertHealthy(t, result);
  t.like(result, {
    checkpoint: start + written,
    matched: start + matched,
    sequence: start + commands.length,
  });
  const looked = Object.entries(result.checks).filter(
    ([name, { looked }]) => looked === 0 && !['crossed', 'frozen', 'between shards'].includes(name),
  );
  t.deepEqual(looked, [], 'every other check had something to look at');
});

/** What a webhook is told of the first trade, if the trader had one. */
const noticeTo = (trader: string): string => `
  insert into notices (trader_id, event, shard, sequence, occurred_at, data)
  select ${trader}, 'trade', (select shard from checkpoints order by sequence desc limit 1), sequence, created_at,
    jsonb_build_object('product_id', product_id, 'trade_id', trade_id, 'price', price, 'size', size)
  from trades order by sequence, product_id, trade_id limit 1`;

/** A row: what is tampered with, and the checks that must notice; `tables` are put back afterwards, as all of Redis is. */
type Tampering = { readonly says: string; readonly noticed: CheckName[] } & (
  | { readonly tables: string[]; readonly statement: string }
  | { readonly redis: (keys: ShardKeys, shard: string) => Promise<unknown> }
);

const anOrder = (where: string): string => `(select id from orders where ${where} order by id limit 1)`;
const inSql = (says: string, tables: string[], statement: string, ...noticed: CheckName[]): Tampering => ({
  says,
  tables,
  statement,
  noticed,
});
const inRedis = (
  says: string,
  change: (keys: ShardKeys, shard: string) => Promise<unknown>,
  ...noticed: CheckName[]
): Tampering => ({ says, redis: change, noticed });

const tamperings: Tampering[] = [
  inSql(
    'an order is missing',
    ['orders'],
    `delete from orders where id = ${anOrder(`status = 'done' and filled_size = 0`)}`,
    'sequence',
  ),
  inSql(
    'a command is missing',
    ['commands'],
    `delete from commands where sequence = ${start + 1}`,
    'sequence',
  ),
  inSql(
    'a sequence is both an order and a command',
    ['commands'],
    `insert into commands select id, 'cancel 1 1 - 0 -', null, 'order_not_resting' from orders limit 1`,
    'sequence',
  ),
  inSql(
    'an order is beyond the checkpoint',
    ['orders'],
    `update orders set id = ${start + written + 50} where id = ${anOrder(`status = 'rejected'`)}`,
    'sequence',
  ),
  inSql(
    'an order has no outcome',
    ['orders'],
    `update orders set done_reason = null where id = ${anOrder(`status = 'done'`)}`,
    'outcomes',
  ),
  inSql(
    'an order is filled and does not say so',
    ['orders'],
    `update orders set done_reason = 'self_trade' where id = ${anOrder(`done_reason = 'filled' and price is not null`)}`,
    'outcomes',
  ),
  inSql(
    'an order that nobody canceled is canceled',
    ['orders'],
    `update orders set done_reason = 'canceled' where id = ${anOrder(`done_reason = 'time_in_force'`)}`,
    'outcomes',
  ),
  inSql(
    'a cancel was accepted, and says it was refused',
    ['commands'],
    `update commands set reject_reason = 'offline' where sequence =
      (select min(sequence) from commands where line like 'cancel %' and reject_reason is null)`,
    'outcomes',
  ),
  inSql(
    'a filled size',
    ['orders'],
    `update orders set filled_size = filled_size + 1 where id = ${anOrder(`status = 'done' and filled_size = 0`)}`,
    'fills',
  ),
  inSql(
    'an executed value',
    ['orders'],
    `update orders set executed_value = executed_value + 1 where id = ${anOrder('filled_size > 0')}`,
    'fills',
  ),
  inSql(
    'a last trade id',
    ['orders'],
    `update orders set last_trade_id = last_trade_id + 1 where id = ${anOrder('filled_size > 0')}`,
    'fills',
  ),
  inSql(
    'the size of a trade',
    ['trades'],
    `update trades set size = size + 1 where trade_id = 1 and product_id = 'A-USD'`,
    'fills',
    'ledger',
  ),
  inSql(
    'the order of a trade',
    ['trades'],
    `update trades set maker_order_id = 17 where trade_id = 1 and product_id = 'A-USD'`,
    'fills',
    'ledger',
  ),
  inSql(
    'the trader of a trade',
    ['trades'],
    `update trades set taker_trader_id = 999 where trade_id = 2 and product_id = 'B-USD'`,
    'fills',
  ),
  inSql(
    'a trade is missing',
    ['trades'],
    `delete from trades where trade_id = 3 and product_id = 'B-USD'`,
    'trade ids',
    'fills',
  ),
  inSql(
    'the last trade is missing',
    ['trades'],
    `delete from trades where product_id = 'A-USD' and trade_id = (select max(trade_id) from trades where product_id = 'A-USD')`,
    'trade ids',
  ),
  inSql(
    'the first trade is missing',
    ['trades'],
    `delete from trades where product_id = 'A-USD' and trade_id = 1`,
    'trade ids',
  ),
  inSql(
    'two trades are exchanged',
    ['trades'],
    // The first and the last, as an uncross may make many of one sequence, which have no order among them.
    `with last as (select max(trade_id) as id from trades where product_id = 'B-USD')
      update trades set trade_id = last.id + 1 - trade_id from last where product_id = 'B-USD' and trade_id in (1, last.id)`,
    'trade ids',
  ),
  inSql(
    'a client order id is forgotten',
    ['client_oids'],
    `delete from client_oids where order_id = (select min(order_id) from client_oids)`,
    'client order ids',
  ),
  inSql(
    'a client order id leads elsewhere',
    ['client_oids'],
    `update client_oids set order_id = order_id - 1 where order_id = (select max(order_id) from client_oids)`,
    'client order ids',
  ),
  inSql(
    'a transfer is forgotten',
    ['transfers'],
    `delete from transfers where sequence = (select min(sequence) from transfers)`,
    'transfers',
  ),
  inSql(
    'the amount of a transfer',
    ['transfers'],
    `update transfers set amount = amount + 1 where sequence = (select min(sequence) from transfers)`,
    'transfers',
    'ledger',
  ),
  inSql(
    'a ledger row of a trade is missing',
    ['ledger'],
    `delete from ledger where id = (select max(id) from ledger where movement = 'match')`,
    'ledger',
    'balances',
  ),
  inSql(
    'the trader of a ledger row',
    ['ledger'],
    `update ledger set trader_id = 5 where id = (select max(id) from ledger where movement = 'match')`,
    'ledger',
    'balances',
  ),
  inSql(
    'a ledger row of a transfer is missing',
    ['ledger'],
    `delete from ledger where id = (select min(id) from ledger where movement = 'deposit' and trader_id = 1)`,
    'ledger',
    'balances',
  ),
  inSql('a notice of a trade for another', ['notices'], noticeTo('9999'), 'notices'),
  inSql(
    'a running balance',
    ['ledger'],
    `update ledger set balance = balance + 1 where id = (select min(id) + 30 from ledger)`,
    'balances',
  ),
  inSql(
    'the balance of an account',
    ['accounts'],
    `update accounts set balance = balance + 1 where trader_id = 1 and currency = 'USD'`,
    'balances',
    'currencies',
  ),
  inSql(
    'an account is missing',
    ['accounts'],
    `delete from accounts where trader_id = 2 and currency = 'A'`,
    'balances',
    'currencies',
  ),
  inSql(
    'what is on hold',
    ['accounts'],
    `update accounts set hold = hold + 1 where trader_id = 3 and currency = 'USD'`,
    'holds',
  ),
  inSql(
    'a trade number',
    ['feeds'],
    `update feeds set trade_id = trade_id + 1 where product_id = 'B-USD'`,
    'trade ids',
  ),
  inSql(
    'the checkpoint',
    ['checkpoints'],
    `update checkpoints set sequence = ${start + matched + 1} where number = 7`,
    'events',
    'sequence',
  ),
  inSql(
    'the places of open orders',
    ['orders'],
    `update orders set place = coalesce(place, id) - 1 where status = 'open'`,
    'orders',
    'books',
  ),

  inRedis(
    'an order is missing',
    async ({ orders }) => redis.hdel(orders, ...(await redis.hkeys(orders)).slice(0, 1)),
    'orders',
  ),
  inRedis(
    'what remains of an order',
    async ({ orders }) => {
      const texts = Object.entries(await redis.hgetall(orders));
      const [id, text] = texts.find(([, one]) => /^\d+ \d/.test(one))!;
      await redis.hset(
        orders,
        id,
        text.replace(/^(\d+) (\d+)/, (_, trader, remaining) => `${trader} ${Number(remaining) + 1}`),
      );
    },
    'orders',
  ),
  inRedis(
    'an order that nobody placed',
    ({ orders }) => redis.hset(orders, '5', '1 1 B-USD buy 1 5 1 none -'),
    'orders',
  ),
  inRedis('an order is not in its book', async (_, shard) => redis.zpopmax(await fullHalf(shard)), 'books'),
  inRedis(
    'an order is in its book twice',
    async (_, shard) => redis.zadd(await fullHalf(shard), 4, '0000000000000077'),
    'books',
  ),
  inRedis(
    'the price of an order in its book',
    async (_, shard) =>
      redis.zincrby(await fullHalf(shard), 1, (await redis.zrange(await fullHalf(shard), 0, '0'))[0]!),
    'books',
  ),
  inRedis(
    'a bid meets an ask',
    async ({ products }, shard) => {
      await redis.hset(products, 'B-USD', 'online 1 -');
      await redis.zadd(bookKey(shard, 'B-USD', 'bids'), -900, '0000000000000078');
      await redis.zadd(bookKey(shard, 'B-USD', 'asks'), 1, '0000000000000079');
    },
    'crossed',
    'books',
  ),
  inRedis(
    'what is available',
    ({ accounts }) => redis.hincrby(`${accounts}1`, 'USD:available', 1),
    'accounts',
    'currencies',
  ),
  inRedis(
    'what is on hold',
    ({ accounts }) => redis.hincrby(`${accounts}2`, 'USD:hold', 1),
    'accounts',
    'holds',
    'currencies',
  ),
  inRedis(
    'an account that nobody opened',
    ({ accounts }) => redis.hset(`${accounts}77`, 'USD:available', 0, 'USD:hold', 0),
    'accounts',
  ),
  inRedis('a trade number', ({ state }) => redis.hincrby(state, 'tradeId:A-USD', 1), 'counters'),
  inRedis('a feed number', ({ state }) => redis.hincrby(state, 'feed:B-USD', -1), 'counters'),
  inRedis(
    'an entry of the events is missing',
    ({ events }) => deleteAfter(events, start + written),
    'events',
  ),
  inRedis(
    'Redis is behind PostgreSQL',
    ({ state }) => redis.hset(state, 'matched', start + written - 1),
    'events',
  ),
  inRedis(
    'a waiting entry of the commands is missing',
    ({ commands }) => deleteAfter(commands, start + matched + 40),
    'streams',
  ),
  inRedis(
    'the events are trimmed above what is persisted',
    ({ state }) => redis.hset(state, 'persisted', start - 100),
    'streams',
  ),
  inRedis(
    'more is persisted than PostgreSQL has',
    ({ state }) => redis.hset(state, 'persisted', start + matched),
    'streams',
  ),
  inRedis('a report was refused', ({ dead }) => redis.xadd(dead, '*', 'sequence', '7'), 'dead'),
];

/** A half of a book in which something rests. */
async function fullHalf(shard: string): Promise<string> {
  const keys = ['A-USD', 'B-USD'].flatMap((id) => [bookKey(shard, id, 'bids'), bookKey(shard, id, 'asks')]);
  for (const key of keys) if ((await redis.zcard(key)) > 1) return key;
  throw new Error('nothing rests in any book');
}

async function deleteAfter(stream: string, sequence: number): Promise<void> {
  const [entry] = await redis.xrange(stream, `0-${sequence + 1}`, '+', 'COUNT', 1);
  await redis.xdel(stream, entry![0]);
}

/** All that is not remembered for a while only. */
async function keysOf(shard: string): Promise<string[]> {
  const keys = await redis.keys(shardKeys(shard).state.replace(/state$/, '*'));
  return keys.filter((key) => !/:(oid|transfer):/.test(key));
}

async function putBackRedis(shard: string): Promise<() => Promise<void>> {
  const keys = await keysOf(shard);
  const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  return async () => {
    redis.unlink(...(await keysOf(shard)));
    await Promise.all(keys.map((key, i) => redis.restore(key, 0, dumps[i]!)));
  };
}

/** Triggers and identity columns are for those who write honestly. */
async function putBackTables(url: string, tables: readonly string[]): Promise<() => Promise<void>> {
  for (const table of tables) await execute(url, `create table saved_${table} as table ${table}`);
  return async () => {
    for (const table of tables) {
      const same = tables.some((one) => ['ledger', 'notices'].includes(one)) ? 'overriding system value' : '';
      await execute(
        url,
        `delete from ${table === 'checkpoints' ? 'feeds where false' : table}`,
        table === 'checkpoints'
          ? `update checkpoints c set sequence = s.sequence from saved_checkpoints s where s.shard = c.shard`
          : `insert into ${table} ${same} table saved_${table}`,
        `drop table saved_${table}`,
      );
    }
  };
}

for (const tampering of tamperings) {
  const where = 'tables' in tampering ? 'PostgreSQL' : 'Redis';
  test.serial(`${where}: ${tampering.says} — ${tampering.noticed[0]}`, async (t) => {
    const { shard, url } = lagging;
    const putBack =
      'tables' in tampering ? await putBackTables(url, tampering.tables) : await putBackRedis(shard);
    try {
      if ('tables' in tampering) await execute(url, tampering.statement);
      else await tampering.redis(shardKeys(shard), shard);
      const found = failed(await auditOf(lagging));
      for (const name of tampering.noticed) t.true(found.includes(name), `${name} is not among ${found}`);
    } finally {
      await putBack();
    }
  });
}

test.serial('everything was put back', async (t) => {
  assertHealthy(t, await auditOf(lagging));
});

const countRow = z.object({ count: z.number() });

test('an audit passes while trading goes on', async (t) => {
  const setting = await setUp(100);
  const { engine, shard, url, pool } = setting;
  const writer = await startWriter(url, shard, { commitSize: 40, streamRetention: 200 });
  let last = 100;
  const trading = (async () => {
    for (; last < commands.length; last += 10) {
      await submitAll(engine, commands.slice(last, last + 10));
      await match(redis, shard, 7);
    }
    await matchAll(engine);
  })();
  const results: Audit[] = [];
  while (last < commands.length) results.push(await auditOf(setting));
  await trading;
  await persistedThrough(pool, shard, start + commands.length);
  await writer.stop();
  results.push(await auditOf(setting));
  for (const result of results) assertHealthy(t, result);
  t.true(results.length > 2, `${results.length} audits`);
  const { count } = await pool.one(sql.type(countRow)`select count(*) from partitions`);
  t.true(count > 1);
});

test.serial('an audit waits for the end of a command that is longer than a run', async (t) => {
  const { state } = shardKeys(lagging.shard);
  await redis.hset(state, 'cascade', '1');
  let isDone = false;
  const auditing = auditOf(lagging).finally(() => {
    isDone = true;
  });
  await sleep(1_000);
  t.false(isDone);
  await redis.hdel(state, 'cascade');
  assertHealthy(t, await auditing);
});

const run = promisify(execFile);

test.serial('the command prints a table, writes JSON, and ends with 0 or 1', async (t) => {
  const { shard, url, pool } = lagging;
  const folder = mkdtempSync(`${tmpdir()}/audit-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = `${folder}/audit.json`;
  const env = { ...process.env, DATABASE_URL: url };
  const start = (...more: string[]) =>
    run(process.execPath, ['scripts/audit.ts', '--shard', shard, ...more], { env });
  const { stdout } = await start('--json', file);
  t.regex(stdout, /Every check passes/);
  t.like(JSON.parse(readFileSync(file, 'utf8')), {
    shard,
    ok: true,
    checks: { fills: { differences: 0, first: [] } },
  });
  await pool.query(sql.unsafe`update orders set executed_value = executed_value + 1`);
  const error = (await t.throwsAsync(start('--json', file))) as unknown as { code: number; stdout: string };
  t.is(error.code, 1);
  t.regex(error.stdout, /fills: it does not hold that .*\n( {2}order .*\n){10} {2}and [\d,]+ more\n/);
  t.is(JSON.parse(readFileSync(file, 'utf8')).checks.fills.first.length, 10);
  await pool.query(sql.unsafe`update orders set executed_value = executed_value - 1`);
});

test('without an exchange the command says so', async (t) => {
  const env = { ...process.env, DATABASE_URL: '', REDIS_URL: '', DATA_DIR: '/nonexistent' };
  const error = await t.throwsAsync(run(process.execPath, ['scripts/audit.ts'], { env }));
  t.regex((error as unknown as { stderr: string }).stderr, /no exchange runs in DATA_DIR/);
});
