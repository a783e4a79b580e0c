import { addExact, type Sum } from './units.ts';

/** What traded in some span of time. Prices in ticks, volume in lots. */
export type Candle = {
  firstTradeId: number;
  lastTradeId: number;
  /** Of the lowest trade id; times of commands need not grow. */
  open: number;
  high: number;
  low: number;
  /** Of the highest trade id. */
  close: number;
  volume: Sum;
};

export type CandleTrade = { readonly tradeId: number; readonly price: number; readonly size: number };

const minuteMs = 60_000;

/** Minutes since 1970. */
export function minuteOf(time: number): number {
  return Math.floor(time / minuteMs);
}

export function candleOf({ tradeId, price, size }: CandleTrade): Candle {
  return {
    ...{ firstTradeId: tradeId, lastTradeId: tradeId },
    ...{ open: price, high: price, low: price, close: price, volume: size },
  };
}

/** Adds a trade whose id is above all that the candle has. */
export function addTrade(candle: Candle, { tradeId, price, size }: CandleTrade): void {
  candle.lastTradeId = tradeId;
  candle.close = price;
  if (price > candle.high) candle.high = price;
  if (price < candle.low) candle.low = price;
  candle.volume = addExact(candle.volume, size);
}

/** The candle of two spans together. */
export function joinCandles(one: Readonly<Candle>, other: Readonly<Candle>): Candle {
  const earlier = one.firstTradeId < other.firstTradeId ? one : other;
  const later = one.lastTradeId > other.lastTradeId ? one : other;
  return {
    firstTradeId: earlier.firstTradeId,
    lastTradeId: later.lastTradeId,
    open: earlier.open,
    high: Math.max(one.high, other.high),
    low: Math.min(one.low, other.low),
    close: later.close,
    volume: addExact(one.volume, other.volume),
  };
}
