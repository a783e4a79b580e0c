import type { Side } from '../../core/order.ts';
import { addExact, type Sum } from '../../core/units.ts';
import type { RestingOrder } from './market-data.ts';
import { Queue } from './queue.ts';

export type BookOrder = Omit<RestingOrder, 'remaining'> & {
  remaining: number;
  readonly level: BookLevel;
  /** Its neighbours in the queue of the level, which keeps them. */
  ahead: BookOrder | null;
  behind: BookOrder | null;
  /** Its neighbours among the orders of its trader in the product, see `OpenOrders`. */
  older: BookOrder | null;
  newer: BookOrder | null;
};

/** `size` is always the sum of what remains of the orders. */
export type BookLevel = { readonly price: number; size: Sum; readonly orders: Queue<BookOrder> };

/** Bids (`buy`) or asks. No level is empty; they go from worst to best, so that what changes most stands at the end. */
export type Half = { readonly side: Side; readonly levels: BookLevel[] };

export function newHalf(side: Side): Half {
  return { side, levels: [] };
}

/** Puts an order last in the queue at its price. */
export function addOrder(
  half: Half,
  { orderId, traderId, productId, side, price, remaining }: RestingOrder,
): BookOrder {
  const level = levelOf(half, price);
  const order: BookOrder = {
    orderId,
    traderId,
    productId,
    side,
    price,
    remaining,
    level,
    ahead: null,
    behind: null,
    older: null,
    newer: null,
  };
  level.orders.join(order);
  level.size = addExact(level.size, remaining);
  return order;
}

export function removeOrder(half: Half, order: BookOrder): void {
  const { level } = order;
  level.orders.leave(order);
  level.size = addExact(level.size, -order.remaining);
  if (level.orders.size === 0) half.levels.splice(placeOf(half, level.price), 1);
}

/** Changes what remains of an order, which keeps its place. */
export function resizeOrder(order: BookOrder, remaining: number): void {
  order.level.size = addExact(order.level.size, remaining - order.remaining);
  order.remaining = remaining;
}

function levelOf(half: Half, price: number): BookLevel {
  const at = placeOf(half, price);
  const known = half.levels[at];
  if (known?.price === price) return known;
  const level = { price, size: 0, orders: new Queue<BookOrder>() };
  half.levels.splice(at, 0, level);
  return level;
}

/** What rests at a price. */
export function sizeAt(half: Half, price: number): Sum {
  const level = half.levels[placeOf(half, price)];
  return level?.price === price ? level.size : 0;
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
