import test from 'ava';
import { type Bucket, candlesIn } from '../../../api/market-data/candles.ts';
import { loadView } from '../../../api/market-data/load-view.ts';
import type { MarketData } from '../../../api/market-data/market-data.ts';
import { applyToView, minutesOf, type View } from '../../../api/market-data/view.ts';
import { statsAt } from '../../../api/market-data/window.ts';
import type { ListedProduct } from '../../../api/products/catalogue.ts';
import { firstSequenceOf } from '../../../core/order.ts';
import type { Report } from '../../../core/wire/reports.ts';
import { wrongCandles } from '../../support/candles.ts';
import { placeCommand, productCommand } from '../../support/commands.ts';
import { addShard, freshPool } from '../../support/database.ts';
import { openEngine, play } from '../../support/engine.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { useRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';
import { persistedThrough, startWriter } from '../../support/writer.ts';

const { redis, newShard } = useRedis();
const start = firstSequenceOf(6) - 1;
const minute = 60_000;
const day = 24 * 60 * minute;
const granularities = [60, 300, 900, 3_600, 21_600, 86_400];

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

type Trade = { readonly price: number; readonly size: number; readonly time: number };

/** In the order of their ids. */
function tradesIn(reports: readonly Report[]): Trade[] {
  return reports.flatMap(({ command: { time }, events }) =>
    events.flatMap((event) =>
      event.kind === 'match' ? [{ price: event.price, size: event.size, time }] : [],
    ),
  );
}

/** Buckets as anyone would count them, newest first: time, low, high, open, close, volume. */
function naiveBuckets(trades: readonly Trade[], seconds: number): number[][] {
  const buckets = new Map<number, Trade[]>();
  for (const trade of trades) {
    const bucket = Math.floor(trade.time / 1_000 / seconds) * seconds;
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), trade]);
  }
  return [...buckets]
    .sort(([one], [other]) => other - one)
    .map(([bucket, some]) => {
      const prices = some.map(({ price }) => price);
      const volume = some.reduce((sum, { size }) => sum + size, 0);
      return [bucket, Math.min(...prices), Math.max(...prices), prices[0]!, prices.at(-1)!, volume];
    });
}

function plain([time, { low, high, open, close, volume }]: Bucket): (number | bigint)[] {
  return [time, low, high, open, close, volume];
}

test('candles and statistics are what the trades come to, stored, running and both, by clocks that differ', async (t) => {
  const { url, pool } = await freshPool(t, { maxPoolSize: 2, statementTimeout: 10_000 });
  const shard = newShard();
  await addShard(url, shard, 6);
  const now = Date.now();
  const engine = await openEngine(redis, shard, start);
  const count = 600;
  const commands = Array.from({ length: count }, (_, i) => {
    // Over 40 days, most of it in the last hours; each clock is up to three minutes off.
    const age = 40 * day * (1 - i / count) ** 6;
    const time = Math.floor(now - age - ((i * 7_919) % 180) * 1_000);
    const side = i % 2 === 0 ? ('sell' as const) : ('buy' as const);
    return placeCommand({ side, price: 1 + ((i * 31) % 97), size: 1 + (i % 5), time, traderId: 1 + (i % 2) });
  });
  const half = Math.floor(count * 0.9);
  await play(engine, [productCommand(), ...commands.slice(0, half)], 40);
  const writer = await startWriter(url, shard, { commitSize: 30 });
  await persistedThrough(pool, shard, start + half + 1);
  await writer.stop();
  t.is(await wrongCandles(pool), 0);

  const view = await loadView(pool, shard);
  const reports = await play(engine, commands.slice(half), 40);
  for (const report of reports) if (report.sequence > view.sequence) applyToView(view, report);
  const trades = tradesIn(reports);
  t.true(trades.length > 200);
  const product = { productId: 'A-USD' } as ListedProduct;
  const marketData = { minutes: (id: string) => minutesOf(view, id, now) } as MarketData;
  for (const granularity of granularities) {
    const range = { granularity, start: now - 300 * granularity * 1_000, end: now };
    const expected = naiveBuckets(trades, granularity).filter(([time]) => time! * 1_000 >= range.start);
    t.deepEqual(
      (await candlesIn({ reads: pool, marketData }, product, range)).map(plain),
      expected,
      `${granularity}`,
    );
    t.true(expected.length > 5);
  }
  t.deepEqual(statsOf(view, now), naiveStats(trades, now));
});

function statsOf(view: View, now: number) {
  return statsAt(view.products.get('A-USD')!.window, now);
}

function naiveStats(trades: readonly Trade[], now: number) {
  const since = (from: number): Trade[] => trades.filter(({ time }) => time >= from);
  const lately = since(Math.floor(now / minute) * minute - day);
  const prices = lately.map(({ price }) => price);
  const volume = (some: readonly Trade[]): number => some.reduce((sum, { size }) => sum + size, 0);
  const month = since(Math.floor(now / (60 * minute)) * 60 * minute - 30 * day);
  return {
    ...{ open: prices[0], high: Math.max(...prices), low: Math.min(...prices) },
    ...{ volume: volume(lately), volume30Days: volume(month) },
  };
}

test('candles, stats and spark lines are answered before and after a trade', async (t) => {
  const product = await exchange.addProduct();
  const at = `/products/${product}`;
  const get = async (path: string) => (await exchange.anonymous.get(path)).body;
  const nothing = { open: null, high: null, low: null, last: null, volume: '0', volume_30day: '0' };
  t.deepEqual(await get(`${at}/stats`), nothing);
  t.deepEqual(await get(`${at}/candles?granularity=60`), []);
  const [alice, bob] = [await exchange.trader(1), await exchange.trader(2)];
  for (const [price, size] of [
    ['2.50', '3'],
    ['2.40', '2'],
    ['2.70', '1'],
  ]) {
    await alice.post('/orders', { product_id: product, side: 'sell', price, size });
    await bob.post('/orders', { product_id: product, side: 'buy', price, size });
  }
  const stats = { open: '2.50', high: '2.70', low: '2.40', last: '2.70', volume: '6', volume_30day: '6' };
  t.deepEqual(await get(`${at}/stats`), stats);
  const days = await get(`${at}/candles?granularity=86400`);
  const [time, ...candle] = days[0];
  t.deepEqual(candle, [2.4, 2.7, 2.5, 2.7, 6]);
  t.is(time % 86_400, 0);
  const lines = await get('/products/spark-lines');
  t.true('PIKACHU-USD' in lines);
  const [hour] = (await answerUntil(
    async () => (await get('/products/spark-lines'))[product],
    (line) => line.length > 0,
  ))!;
  t.deepEqual(hour!.slice(1), [2.4, 2.7, 2.5, 2.7]);
});

async function answerUntil<T>(ask: () => Promise<T>, isIt: (answer: T) => boolean): Promise<T> {
  let answer: T;
  await until(
    async () => {
      answer = await ask();
      return isIt(answer);
    },
    { pauseMs: 100 },
  );
  return answer!;
}

test('a range of candles has both ends or is the latest, and 300 buckets at most', async (t) => {
  const at = '/products/PIKACHU-USD/candles';
  const said: [query: string, status: number, message?: string | RegExp][] = [
    ['', 200],
    ['?granularity=3600&start=1700000000', 200],
    ['?granularity=60&start=2026-01-01T00:00:00Z&end=2026-01-01T05:00:00Z', 200],
    ['?granularity=60&start=1700000000&end=1700018000', 200],
    ['?granularity=60&start=1700000000&end=1700018001', 400, /exceeds 300$/],
    ['?granularity=61', 400, 'Invalid granularity: must be one of 60, 300, 900, 3600, 21600, 86400'],
    ['?granularity=60&start=5&end=4', 400, 'Invalid start: must not be after end'],
    ['?granularity=60&start=yesterday&end=4', 400, 'Invalid start: must be an ISO 8601 date'],
  ];
  for (const [query, status, message] of said) {
    const answer = await exchange.anonymous.get(at + query);
    t.is(answer.status, status, query);
    if (message instanceof RegExp) t.regex(answer.body.message, message);
    else if (message !== undefined) t.is(answer.body.message, message);
  }
  t.is((await exchange.anonymous.get('/products/NO-USD/candles')).status, 404);
});

test('trades are paged to the older and back to the newer', async (t) => {
  const product_id = await exchange.addProduct();
  const [alice, bob] = [await exchange.trader(1), await exchange.trader(2)];
  await alice.post('/orders', { product_id, side: 'sell', price: '2', size: '9' });
  for (let i = 0; i < 9; i++) await bob.post('/orders', { product_id, side: 'buy', price: '2', size: '1' });
  const page = async (query: string) => {
    const { body, headers } = await exchange.anonymous.get(`/products/${product_id}/trades?limit=3${query}`);
    const ids = body.map(({ trade_id }: { trade_id: number }) => trade_id);
    return { ids, before: headers.get('cb-before'), after: headers.get('cb-after') };
  };
  const first = await page('');
  t.deepEqual(first.ids, [9, 8, 7]);
  const second = await page(`&after=${first.after}`);
  t.deepEqual(second.ids, [6, 5, 4]);
  const third = await page(`&after=${second.after}`);
  t.deepEqual(third, { ids: [3, 2, 1], before: '3', after: '1' });
  const back = await page(`&before=${third.before}`);
  t.deepEqual(back.ids, [6, 5, 4], 'next to the cursor, not the newest');
  t.deepEqual((await page(`&before=${back.before}`)).ids, [9, 8, 7]);
  t.deepEqual((await page('&before=9')).ids, []);
  t.deepEqual((await page('&before=2&after=5')).ids, [4, 3]);
});
