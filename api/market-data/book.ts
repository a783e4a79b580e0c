import type { Side } from '../../core/order.ts';
import type { RestingOrder } from './market-data.ts';

export type BookOrder = Omit<RestingOrder, 'remaining'> & { remaining: number };

/** `size` is always the sum of what remains of the orders, whose insertion order is their time priority. */
export type BookLevel = {
  readonly price: number;
  size: number;
  readonly orders: Map<number, BookOrder>;
};

/** Bids (`buy`) or asks. No level is empty; they go from worst to best, so that what changes most stands at the end. */
export type Half = { readonly side: Side; readonly levels: BookLevel[] };

export function newHalf(side: Side): Half {
  return { side, levels: [] };
}

/** Puts an order last in the queue at its price. */
export function addOrder(half: Half, order: BookOrder): void {
  const at = placeOf(half, order.price);
  let level = half.levels[at];
  if (level?.price !== order.price) {
    level = { price: order.price, size: 0, orders: new Map() };
    half.levels.splice(at, 0, level);
  }
  level.orders.set(order.orderId, order);
  level.size += order.remaining;
}

export function removeOrder(half: Half, order: BookOrder): void {
  const at = placeOf(half, order.price);
  const level = half.levels[at]!;
  level.orders.delete(order.orderId);
  level.size -= order.remaining;
  if (level.orders.size === 0) half.levels.splice(at, 1);
}

/** Changes what remains of an order, which keeps its place. */
export function resizeOrder(half: Half, order: BookOrder, remaining: number): void {
  half.levels[placeOf(half, order.price)]!.size += remaining - order.remaining;
  order.remaining = remaining;
}

export function bestPrice({ levels }: Half): number | null {
  return levels.at(-1)?.price ?? null;
}

/** The best `depth` levels, best first. */
export function bestLevels({ levels }: Half, depth: number): BookLevel[] {
  return levels.slice(Math.max(levels.length - depth, 0)).reverse();
}

/** Where the level of a price is, or would be put. */
function placeOf({ side, levels }: Half, price: number): number {
  const sign = side === 'buy' ? 1 : -1;
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((levels[middle]!.price - price) * sign < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
