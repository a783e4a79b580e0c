import test from 'ava';
import { sql } from 'slonik';
import { z } from 'zod';
import { shardKeys } from '../../core/keys.ts';
import { type Command, decodeCommand, encodeCommand } from '../../core/wire/commands.ts';
import { readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import { replay } from '../../scripts/ops/replay/replay.ts';
import { PoisonError } from '../../writer/errors.ts';
import { batchCommand, placeCommand, productCommand } from '../support/commands.ts';
import { execute } from '../support/database.ts';
import { matchAll, openEngine, submitAll } from '../support/engine.ts';
import { addFundedShard, randomCommands, start } from '../support/funded-shard.ts';
import { assertRecorded } from '../support/recorded.ts';
import { redisUrl, useRedis } from '../support/redis.ts';
import { runScript } from '../support/scripts.ts';
import { seed } from '../support/seed.ts';
import { endsWith, persistedThrough, startWriter } from '../support/writer.ts';

const { redis, newShard } = useRedis();
const operationRow = z.object({
  method: z.string(),
  path: z.string(),
  body: z.record(z.string(), z.unknown()),
});

const cancelByNobody = (orderId: number): Command => ({
  kind: 'cancel',
  traderId: 0,
  orderId,
  productId: null,
  time: 0,
  requestId: null,
});

/** As if the script had been killed right after it put the streams aside. */
async function beginAndDie(shard: string): Promise<void> {
  const { commands, asideCommands, events, asideEvents, state, rebuild } = shardKeys(shard);
  const begun = redis.multi().rename(commands, asideCommands).rename(events, asideEvents);
  await begun.del(state).hset(rebuild, 'matched', 0).exec();
}

test('a report that PostgreSQL will never take is left out by command, and all after it is matched again', async (t) => {
  t.log(`SEED=${seed}`);
  const funded = await addFundedShard(t, newShard());
  const { shard, url, pool } = funded;
  const engine = await openEngine(redis, shard, start);
  const commands = randomCommands(seed, 600);
  const poison = start + 1 + commands.findIndex(({ kind }, i) => i > 200 && kind === 'place');
  await pool.query(sql.unsafe`select add_partition(${start + 1}, ${start + 100_001})`);
  await pool.query(sql.unsafe`alter table orders add check (id <> ${sql.literalValue(String(poison))})`);
  await submitAll(engine, commands.slice(0, 400), [60, 7]);
  await matchAll(engine, 50);
  await submitAll(engine, commands.slice(400, 500), [30]); // accepted, and not matched
  const writer = await startWriter(url, shard);
  await endsWith(t, writer, { instanceOf: PoisonError });
  const { sessions, dead } = shardKeys(shard);
  await redis.zadd(sessions, 9e15, 'trader:1'); // somebody wants its orders canceled one day
  const run = (...args: string[]) =>
    runScript('rebuild', args, { REDIS_URL: redisUrl(), DATABASE_URL: url, SHARD: shard });

  const other = await run('--without', String(poison + 1), '--resubmit');
  t.like(other, { code: 2, stdout: '' });
  t.regex(other.stderr, new RegExp(`up to ${poison - 1}, .* is that of ${poison}\\. Only the report`));

  const follower = redis.duplicate();
  await follower.subscribe(shardKeys(shard).persisted);
  t.regex((await run('--without', String(poison), '--resubmit')).stderr, /1 processes follow .* Stop every/);
  follower.disconnect();

  const listed = await run('--without', String(poison));
  t.is(listed.code, 2);
  t.regex(listed.stderr, /--resubmit to have the \d+ commands/);
  const [head, ...rest] = listed.stdout.trim().split('\n');
  t.regex(head!, new RegExp(`^${poison} .* ${encodeCommand(commands[poison - start - 1]!)}$`));
  t.is(rest.filter((line) => /^\d/.test(line)).length, start + 400 - poison);
  t.is(Number(await redis.hget(shardKeys(shard).state, 'matched')), start + 400, 'nothing is touched');

  await beginAndDie(shard);
  t.regex((await run('--after', 'checkpoint')).stderr, /without/);

  const rebuilt = await run('--without', String(poison), '--resubmit');
  t.is(rebuilt.code, 0, rebuilt.stderr);
  t.regex(rebuilt.stdout, new RegExp(`1 sequences after that are void[^]*next command gets ${start + 501}`));
  t.is(await redis.exists(dead), 0);
  t.is(await redis.zcard(sessions), 1);
  t.deepEqual(await redis.keys(`{${shard}}:aside:*`), []);

  await submitAll(engine, commands.slice(500), [30]);
  await matchAll(engine, 40);
  const next = await startWriter(url, shard);
  await persistedThrough(pool, shard, start + 600);
  await next.stop();
  const played = commands.with(poison - start - 1, cancelByNobody(poison));
  await assertRecorded(t, { pool, engine, commands: played, start });

  const [operation] = await pool.any(sql.type(operationRow)`select method, path, body from operations`);
  t.like(operation, { method: 'RUN', path: '/rebuild' });
  t.like(operation!.body, { sequence: poison, after: 'resubmit', commands_after: start + 500 - poison });
  t.regex(String(operation!.body.error), /violates a check/);
});

const ofB = { productId: 'B-USD', size: 1 };
const withBatch: Command[] = [
  productCommand({ productId: 'B-USD' }),
  batchCommand({ count: 3 }),
  placeCommand({ ...ofB, price: 100 }),
  placeCommand({ ...ofB, price: 110 }),
  placeCommand({ ...ofB, price: 120 }),
  placeCommand({ ...ofB, price: 130 }),
];

for (const [what, poison, open] of [
  [
    'its orders go with it',
    { alter: `alter table commands add check (line not like 'batch %')`, sequence: start + 2 },
    [130],
  ],
  [
    'the others stay',
    { alter: `alter table orders add check (id <> ${start + 4})`, sequence: start + 4 },
    [100, 120, 130],
  ],
] as const)
  test(`without ${poison.sequence > start + 2 ? 'an order of a batch' : 'the command of a batch'} ${what}`, async (t) => {
    const { shard, url, pool } = await addFundedShard(t, newShard());
    const engine = await openEngine(redis, shard, start);
    await pool.query(sql.unsafe`select add_partition(${start + 1}, ${start + 100_001})`);
    await execute(url, poison.alter);
    await submitAll(engine, withBatch);
    await matchAll(engine);
    const writer = await startWriter(url, shard);
    await endsWith(t, writer, { instanceOf: PoisonError });
    const args = ['--without', String(poison.sequence), '--resubmit'];
    const rebuilt = await runScript('rebuild', args, {
      REDIS_URL: redisUrl(),
      DATABASE_URL: url,
      SHARD: shard,
    });
    t.is(rebuilt.code, 0, rebuilt.stderr);
    await matchAll(engine);
    const next = await startWriter(url, shard);
    await persistedThrough(pool, shard, start + withBatch.length);
    await next.stop();
    const priceRow = z.object({ price: z.number() });
    const found = await pool.any(
      sql.type(priceRow)`select price from orders where status = 'open' order by id`,
    );
    t.deepEqual(
      found.map(({ price }) => price),
      [...open],
    );
  });

const lineRow = z.object({ line: z.string() });
const ofC = { productId: 'C-USD', size: 1 };
/** The batch's first order trades at 100, which a stop order waits for that may act after the last order of its product. */
const before: Command[] = [
  productCommand({ productId: 'B-USD' }),
  productCommand({ productId: 'C-USD' }),
  placeCommand({ ...ofB, price: 100 }),
  placeCommand({ ...ofB, traderId: 4, side: 'sell', price: 90, stop: 'loss', stopPrice: 105 }),
];
const trading = placeCommand({ ...ofB, traderId: 2, side: 'sell', price: 100 });
const resting = placeCommand({ ...ofB, price: 50 });
const refused = placeCommand({ productId: 'none' });

const lostFromBatches: [what: string, orders: Command[], lost: number, isRefused?: true][] = [
  ['the last order of a batch', [trading, resting], 1],
  ['the last order of its product', [trading, resting, placeCommand({ ...ofC, price: 70 })], 1],
  ['an order before another of its product', [trading, resting, placeCommand({ ...ofB, price: 60 })], 1],
  ['the first order of a batch', [trading, resting, placeCommand({ ...ofC, price: 70 })], 0],
  ['the only order of a batch', [trading], 0],
  ['the last order of a refused batch', [trading, refused, resting], 2, true],
  ['all that was wrong with a refused batch', [trading, refused, resting], 1, true],
];
for (const [what, orders, lost, isRefused = false] of lostFromBatches)
  test(`without ${what}, what is matched, recorded and replayed is the same`, async (t) => {
    t.timeout(300_000);
    const { shard, url, pool } = await addFundedShard(t, newShard());
    const engine = await openEngine(redis, shard, start);
    const commands = [...before, batchCommand({ count: orders.length }), ...orders, trading];
    const sequence = start + before.length + 2 + lost;
    await pool.query(sql.unsafe`select add_partition(${start + 1}, ${start + 100_001})`);
    await execute(url, `alter table orders add constraint poison check (id <> ${sequence})`);
    await submitAll(engine, commands);
    await matchAll(engine, 3);
    const writer = await startWriter(url, shard);
    await endsWith(t, writer, { instanceOf: PoisonError });
    const env = { REDIS_URL: redisUrl(), DATABASE_URL: url, SHARD: shard };
    const rebuilt = await runScript('rebuild', ['--without', String(sequence), '--resubmit'], env);
    t.is(rebuilt.code, 0, rebuilt.stderr);
    await matchAll(engine, 3);
    const next = await startWriter(url, shard);
    await persistedThrough(pool, shard, start + commands.length);
    await next.stop();
    const { line } = await pool.one(
      sql.type(lineRow)`select line from commands where sequence = ${sequence}`,
    );
    t.regex(line, isRefused ? /^cancel 0 / : /^time /);
    const played = commands.with(sequence - start - 1, decodeCommand(line));
    await assertRecorded(t, { pool, engine, commands: played, start });
    const { last } = await replay({
      ...{ databaseUrl: url, redisUrl: redisUrl(), archives: null, environment: readEnvironment() },
      ...{ shard, until: null, explain: null, depth: 1, resume: false, pageSize: 3 },
      ...{ signal: new AbortController().signal, progress: () => {}, takingIn: () => {} },
    });
    t.is(last, start + commands.length);
    const waiting = await pool.any(
      sql.type(lineRow)`select id::text as line from orders where status = 'active'`,
    );
    const traded = lost > 0 && !isRefused;
    t.is(waiting.length, 0, traded ? 'the batch has met the stop order' : 'the order behind the batch has');
  });
