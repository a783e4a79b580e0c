import { type Candle, joinCandles, minuteOf } from '../../core/candles.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { BadRequest } from '../errors.ts';
import { type Query, readTime, readWhole } from '../http/query.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import type { MarketData } from './market-data.ts';
import { findCandles } from './queries/find-candles.ts';

/** Seconds. */
export const granularities = [60, 300, 900, 3_600, 21_600, 86_400] as const;
const mostBuckets = 300;

/** Buckets that begin between two times, in Unix milliseconds, both included. */
export type CandleRange = { readonly granularity: number; readonly start: number; readonly end: number };

/** Without both ends the range is that of the latest buckets. */
export function readCandleRange(query: Query, now: number): CandleRange {
  const granularity = readWhole(query, 'granularity') ?? 60;
  if (!(granularities as readonly number[]).includes(granularity))
    throw new BadRequest(`Invalid granularity: must be one of ${granularities.join(', ')}`);
  const [start, end] = [readTime(query, 'start'), readTime(query, 'end')];
  const span = granularity * 1_000;
  if (start === null || end === null) return { granularity, start: now - mostBuckets * span, end: now };
  if (start > end) throw new BadRequest('Invalid start: must not be after end');
  if ((end - start) / span > mostBuckets)
    throw new BadRequest(
      `granularity too small for the requested time range. Count of aggregations requested exceeds ${mostBuckets}`,
    );
  return { granularity, start, end };
}

/** By the bucket's first second, newest first; buckets without a trade are left out. */
export type Bucket = readonly [time: number, candle: Candle];

/** The view has each minute of its window; those before are stored, for the writer is never a day behind. */
export async function candlesIn(
  { reads, marketData }: { reads: Queries; marketData: MarketData },
  { productId }: ListedProduct,
  { granularity, start, end }: CandleRange,
): Promise<Bucket[]> {
  const width = granularity / 60;
  const first = Math.ceil(start / (granularity * 1_000));
  const last = Math.floor(end / (granularity * 1_000));
  const [from, through] = [first * width, (last + 1) * width - 1];
  const recent = marketData.minutes(productId);
  const buckets = new Map<number, Candle>();
  if (from < recent.from) {
    const before = Math.min(through, recent.from - 1);
    for (const { bucket, ...candle } of await findCandles(reads, { productId, from, through: before, width }))
      buckets.set(bucket, candle);
  }
  for (const [minute, candle] of recent.minutes)
    if (minute >= from && minute <= through) join(buckets, Math.floor(minute / width), candle);
  return [...buckets]
    .sort(([one], [other]) => other - one)
    .slice(0, mostBuckets)
    .map(([bucket, candle]) => [bucket * granularity, candle]);
}

const sparkSeconds = 3_600;

/** The last day by the hour, newest first; of a product that was quiet for longer, the last trade alone. */
export function sparkLine(marketData: MarketData, { productId }: ListedProduct): Bucket[] {
  const hours = new Map<number, Candle>();
  for (const [minute, candle] of marketData.minutes(productId).minutes)
    join(hours, Math.floor(minute / 60), candle);
  const { lastTrade } = marketData.ticker(productId);
  if (hours.size === 0 && lastTrade) {
    const { tradeId, price, size, time } = lastTrade;
    const ids = { firstTradeId: tradeId, lastTradeId: tradeId };
    const candle = { ...ids, open: price, high: price, low: price, close: price, volume: size };
    hours.set(Math.floor(minuteOf(time) / 60), candle);
  }
  return [...hours]
    .sort(([one], [other]) => other - one)
    .map(([hour, candle]) => [hour * sparkSeconds, candle]);
}

function join(buckets: Map<number, Candle>, bucket: number, candle: Candle): void {
  const before = buckets.get(bucket);
  buckets.set(bucket, before ? joinCandles(before, candle) : candle);
}
