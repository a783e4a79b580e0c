import type { Side } from '../../core/order.ts';
import { addExact, type Sum } from '../../core/units.ts';
import type { BookLevel, Half } from './book.ts';
import type { Indicative, Rest } from './market-data.ts';

/** A half from its best level on: which level is at hand, and what is left of it. */
type Cursor = { readonly levels: readonly BookLevel[]; at: number; left: Sum };

/**
 * As docs/rules.md says of auctions: pairs off the best levels of both sides until they do not cross. A step for each level that does, since
 * levels keep their sums. Null if none does.
 */
export function indicativeOf(bids: Half, asks: Half, last: number | null): Indicative | null {
  const [bid, ask] = [cursorAt(bids), cursorAt(asks)];
  let pair: { readonly low: number; readonly high: number } | null = null;
  let size: Sum = 0;
  for (;;) {
    const [high, low] = [priceAt(bid), priceAt(ask)];
    if (high === undefined || low === undefined || high < low) break;
    pair = { low, high };
    const lots = bid.left < ask.left ? bid.left : ask.left;
    size = addExact(size, lots);
    passOver(bid, lots);
    passOver(ask, lots);
  }
  if (!pair) return null;
  const price = nearest(bestPrices(pair, bid, ask), last);
  return { price, size, rest: restAt(price, bid, ask) };
}

/** Only of the best levels that were not paired off: the best price is chosen so that it is beyond those behind them. */
function restAt(price: number, bid: Cursor, ask: Cursor): Rest | null {
  if ((priceAt(bid) ?? Number.NEGATIVE_INFINITY) >= price) return { side: 'buy', size: bid.left };
  if ((priceAt(ask) ?? Number.POSITIVE_INFINITY) <= price) return { side: 'sell', size: ask.left };
  return null;
}

function cursorAt({ levels }: Half): Cursor {
  return { levels, at: levels.length - 1, left: levels.at(-1)?.size ?? 0 };
}

function priceAt({ levels, at }: Cursor, behind = 0): number | undefined {
  return levels[at - behind]?.price;
}

function passOver(cursor: Cursor, lots: Sum): void {
  cursor.left = addExact(cursor.left, -lots);
  if (cursor.left > 0) return;
  cursor.at--;
  cursor.left = cursor.levels[cursor.at]?.size ?? 0;
}

type Range = { readonly low: number; readonly high: number };

/** Of the prices between the last pair's, all of which trade as much, those that leave the smallest rest. */
function bestPrices({ low, high }: Range, bid: Cursor, ask: Cursor): Range {
  const [restBid, restAsk] = [
    priceAt(bid) ?? Number.NEGATIVE_INFINITY,
    priceAt(ask) ?? Number.POSITIVE_INFINITY,
  ];
  const without = { low: Math.max(low, restBid + 1), high: Math.min(high, restAsk - 1) };
  if (without.low <= without.high) return without;
  const longer = longerSide({ low, high }, bid, ask);
  const below = Math.max(low, (priceAt(bid, 1) ?? Number.NEGATIVE_INFINITY) + 1);
  const above = Math.min(high, (priceAt(ask, 1) ?? Number.POSITIVE_INFINITY) - 1);
  return { low: longer === 'sell' ? restAsk : below, high: longer === 'buy' ? restBid : above };
}

/** The side of which something is left, or less than of the other; null if it is as much. */
function longerSide({ low, high }: Range, bid: Cursor, ask: Cursor): Side | null {
  const bidsLeft = (priceAt(bid) ?? Number.NEGATIVE_INFINITY) >= low;
  const asksLeft = (priceAt(ask) ?? Number.POSITIVE_INFINITY) <= high;
  if (!(bidsLeft && asksLeft)) return bidsLeft ? 'buy' : 'sell';
  if (bid.left === ask.left) return null;
  return bid.left < ask.left ? 'buy' : 'sell';
}

function nearest({ low, high }: Range, last: number | null): number {
  return last === null ? low + Math.floor((high - low) / 2) : Math.max(low, Math.min(high, last));
}
