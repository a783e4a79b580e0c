import test, { type ExecutionContext } from 'ava';
import { Registry } from 'prom-client';
import { productChanges } from '../../../api/products/catalogue.ts';
import { LagError, ShardStoppedError } from '../../../api/shard/errors.ts';
import { openShard } from '../../../api/shard/open.ts';
import type { Shard } from '../../../api/shard/shard.ts';
import { type Config, readConfig } from '../../../core/config.ts';
import { shardKeys } from '../../../core/keys.ts';
import { createKnown } from '../../../core/known.ts';
import { createLog } from '../../../core/log.ts';
import { firstSequenceOf } from '../../../core/order.ts';
import { noRules } from '../../../core/product.ts';
import type { Command, Place } from '../../../core/wire/commands.ts';
import { match, prepareShard, SubmitError } from '../../../matcher/client.ts';
import { matchLoop } from '../../../matcher/loop.ts';
import { createMatcherMetrics } from '../../../matcher/metrics.ts';
import { openPool } from '../../../sql/pool.ts';
import { addShard, freshPool } from '../../support/database.ts';
import { drawBook } from '../../support/draw-book.ts';
import { redisUrl, useRedis } from '../../support/redis.ts';
import { checkpointOf, startWriter } from '../../support/writer.ts';

const { redis, newShard } = useRedis();
const log = createLog('test', 'silent');
const shardNumber = 3;
const start = firstSequenceOf(shardNumber) - 1;

const online: Command = {
  kind: 'product',
  productId: 'A-USD',
  status: 'online',
  version: 1,
  funding: null,
  rules: noRules,
  time: Date.now(),
  requestId: null,
};

function order(given: Partial<Place>): Place {
  return {
    ...{ kind: 'place', traderId: 1, productId: 'A-USD', side: 'buy', price: 5, size: 10, funds: null },
    ...{
      timeInForce: 'GTC',
      postOnly: false,
      ...{ stop: null, stopPrice: null, expireTime: null, maxFloor: null },
      selfTradePrevention: 'none',
      clientOid: null,
      time: Date.now(),
      requestId: null,
    },
    ...given,
  };
}

type Setting = {
  readonly name: string;
  readonly url: string;
  readonly open: (settings?: Partial<Config>) => Promise<Shard>;
  readonly changes: number[];
};

async function setUp(t: ExecutionContext): Promise<Setting> {
  const { url, pool } = await freshPool(t, { maxPoolSize: 2, statementTimeout: 10_000 });
  const name = newShard();
  await addShard(url, name, shardNumber);
  const changes: number[] = [];
  const open = async (settings: Partial<Config> = {}): Promise<Shard> => {
    const config = { ...readConfig({}), redisUrl: redisUrl(), ...settings };
    const { shard, started } = openShard({ config, pool, log, name });
    await started;
    shard.reports.subscribe(productChanges(() => changes.push(Date.now())));
    t.teardown(shard.close);
    return shard;
  };
  return { name, url, open, changes };
}

/** Matches what is submitted to a shard until the test is over. */
async function startMatcher(t: ExecutionContext, shard: string): Promise<void> {
  await prepareShard(redis, shard, start);
  const stop = new AbortController();
  const [own, waiting] = [redis.duplicate(), redis.duplicate()];
  const metrics = createMatcherMetrics(new Registry())('main');
  const loop = {
    redis: own,
    waiting,
    shard,
    runSize: 100,
    minReplicas: 0,
    known: createKnown(),
    log,
    metrics,
  };
  const ended = matchLoop({ ...loop, signal: stop.signal, graceMs: 0 });
  t.teardown(async () => {
    stop.abort();
    await ended;
    own.disconnect();
  });
}

test('what is submitted has a verdict, is in the market data by then, and is read in PostgreSQL', async (t) => {
  const { name, url, open, changes } = await setUp(t);
  await startMatcher(t, name);
  const writer = await startWriter(url, name);
  t.teardown(writer.stop);
  const shard = await open();

  const [, resting] = await shard.submit([online, order({ clientOid: 'first' })]);
  const [taker] = await shard.submit([order({ traderId: 2, side: 'sell', size: 4 })]);
  const report = await shard.verdict(taker!);
  t.deepEqual(
    report?.events.map(({ kind }) => kind),
    ['match', 'done'],
  );
  t.deepEqual(drawBook(shard.marketData.book('A-USD')), ['---', `5: 6#${resting!.sequence}`]);
  t.like(shard.marketData.restingOrder(resting!.sequence), {
    productId: 'A-USD',
    side: 'buy',
    price: 5,
    remaining: 6,
  });
  t.is(shard.marketData.ticker('A-USD').stats.volume, 4);
  t.is((await shard.verdict(resting!))?.sequence, resting!.sequence, 'asked for late');
  t.is(changes.length, 2, 'at the start, and when the product was announced');

  await shard.writesOf(2);
  const pool = await openPool(url, log, { maxPoolSize: 1, statementTimeout: 5_000 });
  t.true((await checkpointOf(pool, name)) >= taker!.sequence);
  await pool.end();
  await shard.writesOf(99);
  await shard.everythingMatched();
  await shard.persistedThrough(taker!.sequence);
  t.is(await shard.sequenceOfOid(1, 'first'), resting!.sequence);
  t.is(await shard.sequenceOfOid(2, 'first'), null);
});

test('two api processes show the same, whichever of them took an order', async (t) => {
  const { name, open } = await setUp(t);
  await startMatcher(t, name);
  const [here, there] = [await open(), await open()];
  const orders = Array.from({ length: 500 }, (_, i) => order({ price: 1 + (i % 50) }));
  const taken = await here.submit([online, ...orders]);
  await here.verdict(taken.at(-1)!);
  await there.marketData.caughtUp();
  t.is(there.marketData.book('A-USD').bids.length, 50);
  t.deepEqual(drawBook(there.marketData.book('A-USD')), drawBook(here.marketData.book('A-USD')));
});

test('a thousand orders at once each have their verdict', async (t) => {
  const { name, open } = await setUp(t);
  await startMatcher(t, name);
  const shard = await open();
  await shard.submit([online]);
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, async (_, i) => {
      const [taken] = await shard.submit([order({ traderId: i + 1 })]);
      return [taken!.sequence, (await shard.verdict(taken!))?.sequence];
    }),
  );
  for (const [asked, answered] of answers) t.is(answered, asked);
});

test('without a matcher a verdict is null, and without a writer a read is a LagError, both in time', async (t) => {
  const { name, open } = await setUp(t);
  await prepareShard(redis, name, start);
  const shard = await open({ waitTimeoutMs: 50, readTimeoutMs: 50 });
  const [taken] = await shard.submit([order({})]);
  const before = performance.now();
  t.is(await shard.verdict(taken!), null);
  await t.throwsAsync(shard.writesOf(1), { instanceOf: LagError });
  t.true(performance.now() - before < 1_000);
});

test('a shard opens before its matcher has prepared it', async (t) => {
  const { name, open } = await setUp(t);
  const shard = await open();
  t.deepEqual(drawBook(shard.marketData.book('A-USD')), ['---']);
  await startMatcher(t, name);
  const [, taken] = await shard.submit([online, order({})]);
  t.is((await shard.verdict(taken!))?.events[0]?.kind, 'open');
});

test('a shard does not open if Redis has less of it than PostgreSQL, and takes nothing once Redis has', async (t) => {
  const { name, open } = await setUp(t);
  await prepareShard(redis, name, start);
  const shard = await open();
  const { state } = shardKeys(name);
  await redis.hset(state, { sequence: start - 1, matched: start - 1 });
  await t.throwsAsync(open(), { instanceOf: ShardStoppedError });
  await t.throwsAsync(
    async () => {
      for (;;) await shard.writesOf(1);
    },
    { instanceOf: ShardStoppedError },
  );
  await t.throwsAsync(shard.submit([order({})]), { instanceOf: ShardStoppedError });
});

test('a Redis that comes back with less than a process has seen is refused, and the shard stops', async (t) => {
  const { name, open } = await setUp(t);
  await startMatcher(t, name);
  const shard = await open();
  const taken = await shard.submit([online, order({}), order({})]);
  await shard.verdict(taken.at(-1)!);
  const { state, commands } = shardKeys(name);
  const before = await redis.xlen(commands);
  await redis.hset(state, { sequence: start + 2, matched: start + 2 });
  const error = await t.throwsAsync(shard.submit([order({})]), { instanceOf: SubmitError });
  t.true(error.behind && error.certain);
  t.is(await redis.xlen(commands), before, 'nothing was taken');
  // Even if it has caught up meanwhile: its sequences are not those that were told.
  await redis.hset(state, { sequence: start + 99, matched: start + 99 });
  await t.throwsAsync(shard.submit([order({})]), { instanceOf: ShardStoppedError });
  await t.throwsAsync(shard.takesWrites(), { instanceOf: ShardStoppedError });
  t.throws(() => shard.marketData.book('A-USD'), { instanceOf: ShardStoppedError });
});

test('an order that waits for its verdict while Redis loses it is not answered as pending', async (t) => {
  const { name, open } = await setUp(t);
  await prepareShard(redis, name, start);
  const shard = await open({ waitTimeoutMs: 60_000 });
  const [taken] = await shard.submit([order({})]);
  const verdict = shard.verdict(taken!);
  await redis.hset(shardKeys(name).state, 'sequence', start);
  await t.throwsAsync(shard.submit([order({})]), { instanceOf: SubmitError });
  await t.throwsAsync(verdict, { instanceOf: ShardStoppedError });
});

test('a Redis that has the commands and lost reports is followed once they are made again', async (t) => {
  const { name, open } = await setUp(t);
  await prepareShard(redis, name, start);
  const shard = await open();
  const taken = await shard.submit([online, order({}), order({}), order({})]);
  const { state, events } = shardKeys(name);
  const states = await redis.hgetall(state);
  const own = createKnown();
  await match(redis, name, 100, own);
  await shard.verdict(taken.at(-1)!);
  const drawn = drawBook(shard.marketData.book('A-USD'));
  // As a replica has it that was given the commands, and not what came of them.
  await redis
    .multi()
    .del(events, state, shardKeys(name).orders, `${shardKeys(name).books}A-USD:bids`)
    .hset(state, states)
    .exec();
  await match(redis, name, 3, own);
  await match(redis, name, 3, own);
  const [, later] = await shard.submit([order({ price: 4 }), order({ price: 3 })]);
  await match(redis, name, 3, own);
  t.is((await shard.verdict(later!))?.rejectReason, null);
  t.deepEqual(drawBook(shard.marketData.book('A-USD')), [
    ...drawn,
    `4: 10#${later!.sequence - 1}`,
    `3: 10#${later!.sequence}`,
  ]);
});

test('closing takes milliseconds, and those who wait have an answer', async (t) => {
  const { name, open } = await setUp(t);
  await prepareShard(redis, name, start);
  const shard = await open({ waitTimeoutMs: 60_000 });
  const waiting = shard.verdict({ sequence: start + 1, repeated: false });
  const before = performance.now();
  await shard.close();
  t.is(await waiting, null);
  t.true(performance.now() - before < 200);
});
