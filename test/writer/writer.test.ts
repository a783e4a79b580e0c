import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { Command } from '../../core/commands.ts';
import { eventsId } from '../../core/events.ts';
import { shardKeys } from '../../core/keys.ts';
import { createLog } from '../../core/log.ts';
import { firstSequenceOf } from '../../core/order.ts';
import { openPool } from '../../sql/pool.ts';
import { LostReportsError, PoisonError } from '../../writer/errors.ts';
import { freshDatabase } from '../support/database.ts';
import { type Engine, matchAll, openEngine, submitAll } from '../support/engine.ts';
import { applyNaively, newNaiveExchange } from '../support/naive-book.ts';
import { commandsOf, drafts } from '../support/random-commands.ts';
import { useRedis } from '../support/redis.ts';
import { checkpointOf, persistedThrough, startWriter } from '../support/writer.ts';

const { redis, newShard } = useRedis();
const log = createLog('test', 'silent');
const shardNumber = 7;
const start = firstSequenceOf(shardNumber) - 1;

type Setting = { engine: Engine; shard: string; url: string; pool: DatabasePool };

/** A shard that counts from above 2^46, in a schema of its own. */
async function setUp(t: ExecutionContext): Promise<Setting> {
  const { url, drop } = await freshDatabase();
  const pool = await openPool(url, log, { maxPoolSize: 2, statementTimeout: 10_000 });
  const shard = newShard();
  await pool.query(
    sql.unsafe`insert into checkpoints (shard, number, sequence) values (${shard}, ${shardNumber}, ${start})`,
  );
  t.teardown(async () => {
    await pool.end();
    await drop();
  });
  return { engine: await openEngine(redis, shard, start), shard, url, pool };
}

const online: Command = { kind: 'product', productId: 'A-USD', status: 'online', version: 1, time: 1 };
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Random commands, the same for the same seed. */
function randomCommands(count: number): Command[] {
  const commands: Command[] = [];
  for (let i = 0; commands.length < count; i++) {
    const [draft] = fc.sample(drafts, { numRuns: 1, seed: seed + i });
    const before = start + commands.length;
    for (const command of commandsOf(draft!)) {
      commands.push('orderId' in command ? { ...command, orderId: command.orderId + before } : command);
    }
  }
  return commands.slice(0, count);
}

const anyRow = z.record(z.string(), z.unknown());

/** What the tables say of open orders, against a naive exchange that was given the same commands. */
async function assertEqualsNaive(
  t: { deepEqual: (a: unknown, b: unknown) => void },
  pool: DatabasePool,
  commands: Command[],
): Promise<void> {
  const naive = newNaiveExchange(start);
  const reports = commands.map((command) => applyNaively(naive, command));
  const open = await pool.any(sql.type(anyRow)`
    select id, coalesce(amended_price, price) as price, coalesce(amended_size, size) as size,
      coalesce(amended_size, size) - filled_size as remaining, coalesce(place, id) as place
    from orders where status = 'open' order by id`);
  const resting = [...naive.resting].sort((a, b) => a.id - b.id);
  t.deepEqual(
    open,
    resting.map(({ id, price, size, remaining, place }) => ({ id, price, size, remaining, place })),
  );
  const trades = await pool.any(sql.type(anyRow)`
    select sequence, product_id, trade_id, maker_order_id, price, size from trades order by sequence, trade_id`);
  t.deepEqual(
    trades,
    reports.flatMap(({ sequence, productId, events }) =>
      events
        .filter((event) => event.kind === 'match')
        .map((match) => ({
          sequence,
          product_id: productId,
          trade_id: match.tradeId,
          maker_order_id: match.makerOrderId,
          price: match.price,
          size: match.size,
        })),
    ),
  );
}

/** Checks within PostgreSQL alone; each counts the rows that break it. */
async function brokenInvariants(pool: DatabasePool, count: number): Promise<readonly unknown[]> {
  return pool.any(sql.type(anyRow)`
    select 'a sequence is neither an order nor a command' as broken
    where (select count(*) from (select id from orders union select sequence from commands) s) <> ${count}
    union all
    select 'filled size or value differs from the trades of order ' || o.id from orders o
    left join lateral (
      select coalesce(sum(size), 0) as size, coalesce(sum(price * size), 0) as value
      from trades where maker_order_id = o.id or taker_order_id = o.id) t on true
    where t.size <> o.filled_size or t.value <> o.executed_value
    union all
    select 'trade ids of ' || product_id || ' have a gap' from trades
    group by product_id having max(trade_id) <> count(*) or min(trade_id) <> 1`);
}

test('random commands become the rows that a naive exchange expects', async (t) => {
  t.log(`FUZZ_SEED=${seed}`);
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(3_000);
  const writer = await startWriter(url, shard, { commitSize: 70 });
  await submitAll(engine, commands, [1, 40, 300]);
  await matchAll(engine, 25);
  await persistedThrough(pool, shard, start + commands.length);
  await writer.stop();
  await assertEqualsNaive(t, pool, commands);
  t.deepEqual(await brokenInvariants(pool, commands.length), []);
  t.is(Number(await redis.hget(shardKeys(shard).state, 'persisted')), start + commands.length);
});

test('writers that are killed and followed by others write everything once', async (t) => {
  t.log(`FUZZ_SEED=${seed}`);
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(4_000);
  await submitAll(engine, commands);
  await matchAll(engine, 20);
  for (let i = 1; i <= 6; i++) {
    const writer = await startWriter(url, shard, { commitSize: 100 });
    await persistedThrough(pool, shard, start + i * 400);
    await writer.kill();
  }
  t.true((await checkpointOf(pool, shard)) < start + commands.length, 'the kills came in the middle');
  const last = await startWriter(url, shard);
  await persistedThrough(pool, shard, start + commands.length);
  await last.stop();
  await assertEqualsNaive(t, pool, commands);
  t.deepEqual(await brokenInvariants(pool, commands.length), []);
});

test('of two writers one stands by and takes over', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(2_000);
  const half = commands.length >> 1;
  const writers = [await startWriter(url, shard), await startWriter(url, shard)];
  await submitAll(engine, commands.slice(0, half));
  await matchAll(engine);
  await persistedThrough(pool, shard, start + half);
  await writers[0]!.kill();
  await submitAll(engine, commands.slice(half));
  await matchAll(engine);
  await persistedThrough(pool, shard, start + commands.length);
  await writers[1]!.stop();
  await assertEqualsNaive(t, pool, commands);
  t.deepEqual(await brokenInvariants(pool, commands.length), []);
});

test('a writer stops at a gap in the events and says which sequences are lost', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(200);
  await submitAll(engine, commands);
  await matchAll(engine, 50);
  await redis.xdel(shardKeys(shard).events, eventsId(start + 100));
  const writer = await startWriter(url, shard);
  const error = await t.throwsAsync(writer.ended, { instanceOf: LostReportsError });
  t.regex(error.message, new RegExp(`${start + 51} to ${start + 100}`));
  t.is(await checkpointOf(pool, shard), start + 50);
});

test('a report that PostgreSQL refuses ends up alone, everything before it is written, nothing after it', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(300);
  await submitAll(engine, commands);
  await matchAll(engine, 60);
  const poison = start + 137;
  await pool.query(sql.unsafe`select add_partition(${start + 1}, ${start + 100_001})`);
  for (const [table, column] of [
    ['orders', 'id'],
    ['commands', 'sequence'],
  ] as const) {
    const name = sql.identifier([table]);
    await pool.query(
      sql.unsafe`alter table ${name} add check (${sql.identifier([column])} <> ${sql.literalValue(String(poison))})`,
    );
  }
  const writer = await startWriter(url, shard);
  await t.throwsAsync(writer.ended, { instanceOf: PoisonError, message: new RegExp(`sequence ${poison}`) });
  t.is(await checkpointOf(pool, shard), poison - 1);
  const [dead] = await redis.xrange(shardKeys(shard).dead, '-', '+');
  t.is(dead?.[1][1], String(poison));
});

test('a writer refuses a Redis that has matched less than PostgreSQL holds', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  await submitAll(engine, randomCommands(50));
  await matchAll(engine);
  await pool.query(sql.unsafe`update checkpoints set sequence = ${start + 1_000} where shard = ${shard}`);
  const writer = await startWriter(url, shard);
  await t.throwsAsync(writer.ended, { instanceOf: LostReportsError, message: /Redis has matched it up to/ });
});

test('partitions are there before they are needed', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const place: Command = {
    kind: 'place',
    traderId: 1,
    productId: 'A-USD',
    side: 'buy',
    price: 5,
    size: 1,
    funds: null,
    timeInForce: 'GTC',
    postOnly: false,
    selfTradePrevention: 'none',
    time: 1,
    clientOid: null,
  };
  const commands = [online, ...Array.from({ length: 25_000 }, () => place)];
  const writer = await startWriter(url, shard);
  await submitAll(engine, commands);
  await matchAll(engine);
  await persistedThrough(pool, shard, start + commands.length);
  await writer.stop();
  const rows = await pool.any(
    sql.type(anyRow)`select from_sequence - ${start} as "from" from partitions order by 1`,
  );
  t.deepEqual(
    rows.map(({ from }) => from),
    [1, 10_001, 20_001],
  );
});

test('the streams keep what the writer still needs, and are trimmed below that', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(6_000);
  const writer = await startWriter(url, shard, { streamRetention: 1_000 });
  for (let from = 0; from < commands.length; from += 300) {
    await submitAll(engine, commands.slice(from, from + 300), [100]);
    await matchAll(engine, 100);
    await persistedThrough(pool, shard, start + Math.min(from + 300, commands.length));
  }
  await writer.stop();
  const { events, commands: stream } = shardKeys(shard);
  for (const key of [events, stream]) {
    const length = await redis.xlen(key);
    t.true(length >= 10 && length <= 15, `${key} holds ${length} of 60 entries`);
  }
});
