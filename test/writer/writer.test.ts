import test, { type ExecutionContext } from 'ava';
import { Client } from 'pg';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { shardKeys } from '../../core/keys.ts';
import { eventsId, readEventsEntry } from '../../core/wire/events.ts';
import { BehindError, LostReportsError, PoisonError } from '../../writer/errors.ts';
import { placeCommand, productCommand } from '../support/commands.ts';
import { execute } from '../support/database.ts';
import { type Engine, matchAll, openEngine, submitAll } from '../support/engine.ts';
import { addFundedShard, type FundedShard, randomCommands, start } from '../support/funded-shard.ts';
import { proxyRedis } from '../support/proxied-redis.ts';
import { assertRecorded } from '../support/recorded.ts';
import { useRedis } from '../support/redis.ts';
import { seed } from '../support/seed.ts';
import { checkpointOf, endsWith, persistedThrough, startWriter } from '../support/writer.ts';

const { redis, newShard } = useRedis();

type Setting = FundedShard & { readonly engine: Engine };

async function setUp(t: ExecutionContext): Promise<Setting> {
  const funded = await addFundedShard(t, newShard());
  return { ...funded, engine: await openEngine(redis, funded.shard, start) };
}

const anyRow = z.record(z.string(), z.unknown());

test('random commands become the rows that a naive exchange expects', async (t) => {
  t.log(`SEED=${seed}`);
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(seed, 3_000);
  const writer = await startWriter(url, shard, { commitSize: 70 });
  await submitAll(engine, commands, [1, 40, 300]);
  await matchAll(engine, 25);
  await persistedThrough(pool, shard, start + commands.length);
  await writer.stop();
  await assertRecorded(t, { pool, engine, commands, start });
  t.is(Number(await redis.hget(shardKeys(shard).state, 'persisted')), start + commands.length);
});

test('writers that are killed and followed by others write everything once', async (t) => {
  t.log(`SEED=${seed}`);
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(seed, 4_000);
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
  await assertRecorded(t, { pool, engine, commands, start });
});

test('of two writers one stands by and takes over', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(seed, 2_000);
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
  await assertRecorded(t, { pool, engine, commands, start });
});

/** The session of PostgreSQL that has the writer's lock. */
function sessionOf(pool: DatabasePool, shard: string): Promise<number> {
  return pool.oneFirst(sql.type(z.object({ pid: z.number() }))`
    select pid from pg_locks where locktype = 'advisory' and granted and (classid::bigint << 32 | objid::bigint)
      = hashtextextended('writer of ' || current_schema() || ' ' || ${shard}, 0)`);
}

test('a Redis that takes longer to answer than a lease costs no writer its place', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(seed, 400);
  const { proxy, url: redisUrl } = await proxyRedis(t, redis);
  const leaseMs = 3_000; // a busy machine may stand still for a second
  const writer = await startWriter(url, shard, { redisUrl, writerLeaseMs: leaseMs });
  t.teardown(writer.kill);
  await submitAll(engine, commands.slice(0, 200));
  await matchAll(engine);
  await persistedThrough(pool, shard, start + 200);
  const before = await sessionOf(pool, shard);
  proxy.delay(leaseMs / 2 + 100); // each way
  await submitAll(engine, commands.slice(200));
  await matchAll(engine);
  await persistedThrough(pool, shard, start + commands.length);
  t.is(await sessionOf(pool, shard), before, 'the session that had the lock still has it');
  await assertRecorded(t, { pool, engine, commands, start });
});

for (const [title, runSize] of [
  ['all there is', 1_000],
  ['the first of many', 5],
] as const)
  test(`events in an answer that was lost are written all the same: ${title}`, async (t) => {
    const { engine, shard, url, pool } = await setUp(t);
    const commands = randomCommands(seed, 400);
    await submitAll(engine, commands);
    await matchAll(engine, runSize);
    const { proxy, url: throughProxy } = await proxyRedis(t, redis);
    const lost = proxy.spring({ pattern: 'xreadgroup', loses: 'answer' }, AbortSignal.timeout(20_000));
    const writer = await startWriter(url, shard, { redisUrl: throughProxy });
    await lost;
    proxy.cut();
    await persistedThrough(pool, shard, start + commands.length);
    await writer.stop();
    await assertRecorded(t, { pool, engine, commands, start });
  });

test('a writer stops at a gap in the events and says which sequences are lost', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(seed, 200);
  await submitAll(engine, commands);
  await matchAll(engine, 50);
  const { events } = shardKeys(shard);
  const entries = (await redis.xrangeBuffer(events, '-', '+')).map(readEventsEntry);
  const { id, first, last } = entries[1]!; // where it begins and ends is for the random commands to say
  t.is(await redis.xdel(events, id), 1);
  const writer = await startWriter(url, shard);
  const error = await endsWith(t, writer, { instanceOf: LostReportsError });
  t.regex(error.message, new RegExp(`${first} to ${last}`));
  t.is(await checkpointOf(pool, shard), first - 1);
});

test('a report that PostgreSQL refuses ends up alone, everything before it is written, nothing after it', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(seed, 300);
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
  await endsWith(t, writer, { instanceOf: PoisonError, message: new RegExp(`sequence ${poison}`) });
  t.is(await checkpointOf(pool, shard), poison - 1);
  const [, refused] = /^cardstock_refused_batches_total\{[^}]*\} (\d+)$/m.exec(
    await writer.registry.metrics(),
  )!;
  t.true(Number(refused) > 1, 'the whole, and halves');
  const [dead] = await redis.xrange(shardKeys(shard).dead, '-', '+');
  t.is(dead?.[1][1], String(poison));
});

test('a writer refuses a Redis that has fewer commands than PostgreSQL', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  await submitAll(engine, randomCommands(seed, 50));
  await matchAll(engine);
  await pool.query(sql.unsafe`update checkpoints set sequence = ${start + 1_000} where shard = ${shard}`);
  const writer = await startWriter(url, shard);
  await endsWith(t, writer, {
    instanceOf: LostReportsError,
    message: /Redis has its commands up to/,
  });
});

test('a writer whose Redis comes back with less than PostgreSQL holds stops', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  await submitAll(engine, randomCommands(seed, 50));
  await matchAll(engine);
  const writer = await startWriter(url, shard);
  await persistedThrough(pool, shard, start + 50);
  await redis.hset(shardKeys(shard).state, { sequence: start + 40, matched: start + 40 });
  await endsWith(t, writer, { instanceOf: BehindError });
});

test('reports that are made again after a failover, cut otherwise, are written once', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(seed, 600);
  const twin = await openEngine(redis, newShard(), start);
  for (const each of [engine, twin]) {
    await submitAll(each, commands.slice(0, 400));
    await matchAll(each, each === engine ? 70 : 45);
  }
  const writer = await startWriter(url, shard);
  await persistedThrough(pool, shard, start + 400);
  // The group stands at the beginning again, before entries that end elsewhere.
  const { events } = shardKeys(shard);
  await redis
    .multi()
    .rename(shardKeys(twin.shard).events, events)
    .xgroup('CREATE', events, 'writer', eventsId(start))
    .exec();
  await submitAll(engine, commands.slice(400));
  await matchAll(engine, 50);
  await persistedThrough(pool, shard, start + 600);
  await writer.stop();
  await assertRecorded(t, { pool, engine, commands, start });
});

test('a writer stops when a balance in PostgreSQL is not what the ledger rows would make it', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(seed, 600);
  await submitAll(engine, commands.slice(0, 300));
  await matchAll(engine);
  const first = await startWriter(url, shard);
  await persistedThrough(pool, shard, start + 300);
  await first.stop();
  await execute(url, `update accounts set balance = balance + 1 where trader_id = 1 and currency = 'USD'`);
  await submitAll(engine, commands.slice(300));
  await matchAll(engine);
  const second = await startWriter(url, shard);
  await endsWith(t, second, {
    instanceOf: LostReportsError,
    message: /accounts are not what the ledger makes/,
  });
  t.is(await checkpointOf(pool, shard), start + 300);
});

test('PostgreSQL refuses ledger rows that do not sum to zero', async (t) => {
  const { url } = await setUp(t);
  const row = (currency: string, amount: number): string =>
    `(${start + 1}, ${amount}, 0, now(), 1, 'deposit', '${currency}')`;
  const insert = (...rows: string[]): Promise<void> =>
    execute(
      url,
      `select add_partition(${start + 1}, ${start + 100})`,
      `insert into ledger (sequence, amount, balance, created_at, trader_id, movement, currency) values ${rows}`,
    );
  await t.throwsAsync(insert(row('USD', 5), row('A', -5)), { message: /do not sum to zero/ });
});

test('partitions are there before they are needed', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = [productCommand(), ...Array.from({ length: 25_000 }, () => placeCommand({ price: 5 }))];
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

test('a lock on the tables holds the writer up only once it has no room left', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = [productCommand(), ...Array.from({ length: 10_400 }, () => placeCommand({ price: 5 }))];
  const writer = await startWriter(url, shard);
  t.teardown(writer.stop);
  await submitAll(engine, commands.slice(0, 100));
  await matchAll(engine);
  await persistedThrough(pool, shard, start + 100);
  const holder = new Client(url);
  await holder.connect();
  t.teardown(() => holder.end());
  // As a vacuum, or a retention that detaches.
  await holder.query('begin; lock table orders in share update exclusive mode');
  await submitAll(engine, commands.slice(100, 9_900));
  await matchAll(engine);
  await persistedThrough(pool, shard, start + 9_900);
  await submitAll(engine, commands.slice(9_900));
  await matchAll(engine);
  t.true((await checkpointOf(pool, shard)) < start + 10_400);
  await holder.query('commit');
  await persistedThrough(pool, shard, start + 10_400);
});

test('the streams keep what the writer still needs, and are trimmed below that', async (t) => {
  const { engine, shard, url, pool } = await setUp(t);
  const commands = randomCommands(seed, 6_000);
  const retention = 1_000;
  const writer = await startWriter(url, shard, { streamRetention: retention });
  const { events, commands: stream } = shardKeys(shard);
  const produced = new Map([events, stream].map((key) => [key, new Map<number, number>()]));
  for (let from = 0; from < commands.length; from += 300) {
    await submitAll(engine, commands.slice(from, from + 300), [100]);
    await matchAll(engine, 100);
    for (const [key, entries] of produced)
      for (const [sequence, bytes] of await entriesOf(key)) entries.set(sequence, bytes);
    await persistedThrough(pool, shard, start + Math.min(from + 300, commands.length));
  }
  await writer.stop();
  const oldest = start + commands.length - retention;
  const [, nodeBytes] = (await redis.config('GET', 'stream-node-max-bytes')) as string[];
  for (const [key, entries] of produced) {
    const kept = await entriesOf(key);
    const all = [...entries];
    t.deepEqual(kept, all.slice(-kept.length), `${key} lacks nothing of what it had from its first entry on`);
    t.true(kept[0]![0] <= all.find(([sequence]) => sequence >= oldest)![0], `${key} keeps what is needed`);
    // It is trimmed at each tenth of what it keeps, and in whole nodes.
    const older = kept.filter(([sequence]) => sequence < oldest - retention / 10);
    const bytes = older.reduce((sum, [, bytes]) => sum + bytes, 0);
    t.true(bytes < Number(nodeBytes), `${key} holds ${older.length} older entries, of ${bytes} bytes`);
    t.true(kept.length < all.length / 2, `${key} holds ${kept.length} of ${all.length} entries`);
  }
});

/** Of each entry of a stream the sequence in its id, and its bytes. */
async function entriesOf(key: string): Promise<[number, number][]> {
  const entries = await redis.xrange(key, '-', '+');
  return entries.map(([id, fields]) => [Number(id.slice(2)), Buffer.byteLength(fields.join(''))]);
}
