import type { Candle, Granularity } from '@cardstock/client/types';
import type { TapeTrade } from './market.ts';
import { rest } from './session.ts';

export type Bar = { time: number; open: number; high: number; low: number; close: number; volume: number };

export const granularities: readonly [Granularity, string][] = [
  [60, '1m'],
  [300, '5m'],
  [900, '15m'],
  [3_600, '1h'],
  [21_600, '6h'],
  [86_400, '1d'],
];

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
