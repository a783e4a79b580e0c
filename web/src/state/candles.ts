import type { Candle, Granularity } from '@cardstock/client/types';
import type { Range } from './address.ts';
import type { TapeTrade } from './market.ts';
import { rest } from './session.ts';

export type Bar = { time: number; open: number; high: number; low: number; close: number; volume: number };

const toBar = ([time, low, high, open, close, volume]: Candle): Bar => ({
  time,
  open,
  high,
  low,
  close,
  volume,
});

/** The latest bars, oldest first. */
export async function latestBars(productId: string, granularity: Granularity): Promise<Bar[]> {
  return (await rest.candles(productId, { granularity })).map(toBar).reverse();
}

const mostBuckets = 300;

/** The bars before a time, oldest first. */
export async function barsBefore(productId: string, granularity: Granularity, time: number): Promise<Bar[]> {
  const end = time - granularity;
  const start = end - (mostBuckets - 1) * granularity;
  return (await rest.candles(productId, { granularity, start, end })).map(toBar).reverse();
}

const mostPages = 4;

/** The bars of a range, oldest first; the later ones of a range that is too long. */
export async function barsBetween(
  productId: string,
  granularity: Granularity,
  { from, to }: Range,
): Promise<Bar[]> {
  const bars: Bar[] = [];
  const step = mostBuckets * granularity;
  for (let [page, end] = [0, to + granularity]; page < mostPages && end > from; page++, end -= step)
    bars.unshift(...(await barsBefore(productId, granularity, end)));
  return bars;
}

/** Whether the latest bars have all of a range. */
export function isLatest(granularity: Granularity, { from }: Range): boolean {
  return from > Date.now() / 1_000 - mostBuckets * granularity;
}

/** The bar that a trade belongs to, with the trade in it. A chart draws numbers; nothing is computed with them but this. */
export function withTrade(last: Bar | undefined, trade: TapeTrade, granularity: Granularity): Bar | null {
  const time = Math.floor(Date.parse(trade.time) / 1_000 / granularity) * granularity;
  const [price, size] = [Number(trade.price), Number(trade.size)];
  if (last && time < last.time) return null;
  if (!last || time > last.time)
    return { time, open: price, high: price, low: price, close: price, volume: size };
  return {
    ...last,
    high: Math.max(last.high, price),
    low: Math.min(last.low, price),
    close: price,
    volume: last.volume + size,
  };
}
