import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import type { DatabasePool } from 'slonik';
import { createLiveMarketData, type LiveMarketData } from '../../../api/market-data/live.ts';
import { loadView } from '../../../api/market-data/load-view.ts';
import { loadOpenOrders } from '../../../api/market-data/queries/load-open-orders.ts';
import { applyToView, bookOf, newView, tickerOf, type View } from '../../../api/market-data/view.ts';
import { ShardStoppedError } from '../../../api/shard/errors.ts';
import { createRedisReads } from '../../../api/shard/redis-reads.ts';
import { createReports, type RunningReports } from '../../../api/shard/reports.ts';
import { bookKey, shardKeys } from '../../../core/keys.ts';
import { createLog } from '../../../core/log.ts';
import { firstSequenceOf } from '../../../core/order.ts';
import { connected, connectOnce, connectPatiently } from '../../../core/redis.ts';
import type { Command } from '../../../core/wire/commands.ts';
import { wrongCandles } from '../../support/candles.ts';
import { addShard, freshPool } from '../../support/database.ts';
import { drawBook } from '../../support/draw-book.ts';
import { type Engine, matchAll, openEngine, readReports, submitAll } from '../../support/engine.ts';
import { commandsOf, drafts, productIds } from '../../support/random-commands.ts';
import { redisUrl, useRedis } from '../../support/redis.ts';
import { seed } from '../../support/seed.ts';
import { checkpointOf, persistedThrough, startWriter } from '../../support/writer.ts';

const { redis, newShard } = useRedis();
const log = createLog('test', 'silent');
const shardNumber = 5;
const start = firstSequenceOf(shardNumber) - 1;
const hours = 3_600_000;

type Setting = {
  readonly engine: Engine;
  readonly shard: string;
  readonly pool: DatabasePool;
  readonly url: string;
};

async function setUp(t: ExecutionContext): Promise<Setting> {
  const { url, pool } = await freshPool(t, { maxPoolSize: 2, statementTimeout: 10_000 });
  const shard = newShard();
  await addShard(url, shard, shardNumber);
  return { engine: await openEngine(redis, shard, start), shard, pool, url };
}

/** A command of one draw, where others come before it: its ids are other ids then. */
function inSequence(command: Command, { before, draw }: { before: number; draw: number }): Command {
  if ('orderId' in command) return { ...command, orderId: command.orderId + before };
  if ('transferId' in command) return { ...command, transferId: `${draw}-${command.transferId}` };
  // Each draw pays in another way, and a product cannot change how it does.
  return command.kind === 'product'
    ? { ...command, funding: null }
    : command.kind === 'place'
      ? { ...command, clientOid: null }
      : command;
}

/** Random commands, the same for the same seed, spread over the last 26 hours, as clocks that differ say. */
function randomCommands(count: number, from = seed): Command[] {
  const commands: Command[] = [];
  for (let i = 0; commands.length < count; i++) {
    const before = start + commands.length;
    const [draft] = fc.sample(drafts, { numRuns: 1, seed: from + i });
    for (const command of commandsOf(draft!)) commands.push(inSequence(command, { before, draw: i }));
  }
  const now = Date.now();
  return commands.slice(0, count).map((command, i) => ({
    ...command,
    time: now - 26 * hours + (i - (i % 5) * 40) * Math.floor((26 * hours) / count),
  }));
}

/** All that market data show, in a form to compare. */
function shown(view: View, now: number): unknown {
  const { sequence, time } = view;
  const products = productIds.map((id) => {
    const { feedSequence, ...book } = bookOf(view, id, Number.POSITIVE_INFINITY);
    const { lastTrade, stats } = tickerOf(view, id, now);
    return {
      id,
      feedSequence,
      book: drawBook(book),
      sizes: sizesOf(book),
      lastTrade,
      stats,
    };
  });
  return { sequence, time, orders: view.orders.size, products };
}

function sizesOf({ bids, asks }: Pick<ReturnType<typeof bookOf>, 'bids' | 'asks'>): (number | bigint)[] {
  return [...bids, ...asks].map(({ size }) => size);
}

async function viewFromEvents(engine: Engine): Promise<View> {
  const view = newView(start, 0);
  for (const report of await readReports(engine)) applyToView(view, report);
  return view;
}

/** The book that Redis holds, drawn like the view's. */
async function bookInRedis({ shard }: Setting, productId: string) {
  const half = async (name: 'bids' | 'asks'): Promise<string[]> => {
    const members = await redis.zrange(bookKey(shard, productId, name), '0', '-1', 'WITHSCORES');
    const levels = new Map<number, string[]>();
    for (let i = 0; i < members.length; i += 2) {
      const id = String(Number(members[i]!.split(':').at(-1)));
      const remaining = (await redis.hget(shardKeys(shard).orders, id))!.split(' ')[1];
      const price = Math.abs(Number(members[i + 1]));
      levels.set(price, [...(levels.get(price) ?? []), `${remaining}#${id}`]);
    }
    return [...levels].map(([price, orders]) => `${price}: ${orders.join(' ')}`);
  };
  return [...(await half('asks')).reverse(), '---', ...(await half('bids'))];
}

test(`what the events make of the books is what Redis holds (SEED=${seed})`, async (t) => {
  const setting = await setUp(t);
  const { engine, shard } = setting;
  for (const command of chunks(randomCommands(3_000), 500)) {
    await submitAll(engine, command);
    await matchAll(engine, 37);
    const view = await viewFromEvents(engine);
    for (const id of productIds) {
      const { feedSequence, ...book } = bookOf(view, id, Number.POSITIVE_INFINITY);
      t.deepEqual(drawBook(book), await bookInRedis(setting, id));
      t.is(feedSequence, Number(await redis.hget(shardKeys(shard).state, `feed:${id}`)));
    }
  }
});

test(`starting from PostgreSQL anywhere comes to the same as starting from the first report (SEED=${seed})`, async (t) => {
  const { engine, shard, pool, url } = await setUp(t);
  const commands = randomCommands(3_000, seed + 1_000);
  const starts: View[] = [await loadView(pool, shard)];
  for (const part of chunks(commands, 400)) {
    await submitAll(engine, part);
    await matchAll(engine, 50);
    // Commits of 70 reports end within entries, too.
    const writer = await startWriter(url, shard, { commitSize: 70 });
    const behind = start + commands.indexOf(part.at(-1)!) - 100;
    await persistedThrough(pool, shard, behind);
    starts.push(await loadView(pool, shard));
    await writer.stop();
    starts.push(await loadView(pool, shard));
  }
  t.deepEqual(await loadOpenOrders(pool, shard, 7), await loadOpenOrders(pool, shard));
  const reports = await readReports(engine);
  const now = Date.now();
  const whole = shown(await viewFromEvents(engine), now);
  t.is(starts.length, 17);
  t.is(await wrongCandles(pool), 0);
  for (const view of starts) {
    for (const report of reports) if (report.sequence > view.sequence) applyToView(view, report);
    t.deepEqual(shown(view, now), whole);
  }
});

type Live = {
  readonly data: LiveMarketData;
  readonly reports: RunningReports;
  readonly heard: number[];
  /** Where those who hear were told to begin again. */
  readonly resets: number[];
  readonly streamId: number;
  readonly ended: Promise<void>;
};

/** Market data at work on connections of their own. `gate` holds up what the events stream answers. */
async function follow(
  t: ExecutionContext,
  { shard, pool }: Setting,
  gate?: () => Promise<void>,
): Promise<Live> {
  const once = await connected(connectOnce(redisUrl(), log));
  const stream = await connected(connectPatiently(redisUrl(), log));
  const stop = new AbortController();
  const heard: number[] = [];
  const redisReads = createRedisReads({ redis: once, shard, timeoutMs: 5_000 });
  const data = createLiveMarketData({ pool, redisReads, shard, log, readTimeoutMs: 5_000 });
  const reports = createReports({
    ...{ redis: gate ? gated(stream, gate) : stream, shard, log, leading: data.subscriber },
  });
  const resets: number[] = [];
  reports.subscribe({
    reset: (sequence) => resets.push(sequence),
    reports: (some) => heard.push(...some.map(({ sequence }) => sequence)),
  });
  const streamId = await stream.client('ID');
  const ended = reports.run(stop.signal);
  t.teardown(async () => {
    stop.abort();
    stream.disconnect();
    await ended;
    once.disconnect();
  });
  return { data, reports, heard, resets, streamId, ended };
}

function gated(stream: Redis, gate: () => Promise<void>): Redis {
  const xreadBuffer = async (...args: Parameters<Redis['xreadBuffer']>): Promise<unknown> => {
    await gate();
    return stream.xreadBuffer(...args);
  };
  return Object.assign(Object.create(stream), { xreadBuffer });
}

/** The numbers from `first` to `last`. */
function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

test('a lost connection costs no report and doubles none', async (t) => {
  const setting = await setUp(t);
  const { data, heard, streamId } = await follow(t, setting);
  await data.caughtUp();
  const parts = chunks(randomCommands(600), 100);
  for (const [i, part] of parts.entries()) {
    await submitAll(setting.engine, part);
    if (i === 2) await redis.client('KILL', 'ID', streamId);
    await matchAll(setting.engine, 10);
  }
  await data.caughtUp();
  t.deepEqual(heard, range(start + 1, start + 600));
  for (const id of productIds) t.deepEqual(drawBook(data.book(id)), await bookInRedis(setting, id));
});

test('one that hears later than others begins where they are', async (t) => {
  const setting = await setUp(t);
  const { data, reports } = await follow(t, setting);
  await play(setting.engine, randomCommands(50));
  await data.caughtUp();
  const heard: string[] = [];
  reports.subscribe({
    reset: (sequence) => heard.push(`reset ${sequence - start}`),
    reports: (some) => heard.push(...some.map(({ sequence }) => String(sequence - start))),
  });
  await submitAll(setting.engine, [{ ...randomCommands(1)[0]!, time: Date.now() }]);
  await matchAll(setting.engine, 1);
  await data.caughtUp();
  t.deepEqual(heard, ['reset 50', '51']);
});

test('reports that the stream lacks are not passed over: the view is built again from PostgreSQL', async (t) => {
  const setting = await setUp(t);
  const { engine, shard, pool, url } = setting;
  const [reached, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let closed = false;
  const { data, heard, resets } = await follow(t, setting, async () => {
    if (!closed) return;
    reached.resolve();
    await opened.promise;
  });
  const [before, missed, after] = chunks(randomCommands(900), 300);
  await play(engine, before!);
  await data.caughtUp();

  closed = true;
  await reached.promise;
  const writer = await startWriter(url, shard);
  await play(engine, missed!);
  await persistedThrough(pool, shard, start + 600);
  await redis.xtrim(shardKeys(shard).events, 'MAXLEN', 0);
  await play(engine, after!);
  await writer.stop();
  opened.resolve();
  await data.caughtUp();

  t.is(await checkpointOf(pool, shard), start + 900);
  t.deepEqual(heard, range(start + 1, start + 300), 'only what was in the stream');
  t.deepEqual(resets, [start, start + 900]);
  for (const id of productIds) t.deepEqual(drawBook(data.book(id)), await bookInRedis(setting, id));
});

test('a Redis that is behind what it was is not followed: the shard stops and says so', async (t) => {
  const setting = await setUp(t);
  const { data, reports, ended } = await follow(t, setting);
  await play(setting.engine, randomCommands(50));
  await data.caughtUp();
  await redis.hset(shardKeys(setting.shard).state, { sequence: start + 49, matched: start + 49 });
  await ended;
  await t.throwsAsync(data.caughtUp(), { instanceOf: ShardStoppedError });
  t.throws(() => data.book('A-USD'), { instanceOf: ShardStoppedError });
  t.regex(reports.stopped()!.message, /has been at/);
});

test('a shard that Redis has lost is not followed', async (t) => {
  const setting = await setUp(t);
  const { data, reports, ended } = await follow(t, setting);
  await data.caughtUp();
  await redis.del(shardKeys(setting.shard).state);
  await ended;
  t.regex(reports.stopped()!.message, /has lost shard/);
});

async function play(engine: Engine, commands: readonly Command[]): Promise<void> {
  await submitAll(engine, commands);
  await matchAll(engine, 40);
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
