import { type Increment, parseAmount } from '../../core/units.ts';
import type { AskedOrder } from './read-place.ts';
import type { OrderRecord } from './record.ts';
import { isSameExpiry, stopOf } from './terms.ts';

/**
 * Whether an order is what a request asks for again. Compared is what was sent, with the product's increments, which never
 * change, and not with its limits or its usual self-trade prevention, which may have changed since. What happened to the
 * order later does not matter.
 */
export function isRepeatOf(order: OrderRecord, { body, product }: AskedOrder): boolean {
  const { tick, lot, quoteUnit } = product;
  return (
    order.productId === body.product_id &&
    order.side === body.side &&
    (order.price !== null) === (body.type === 'limit') &&
    isSame(order.price, body.price, tick) &&
    (isSame(order.size, body.size, lot) || isBoundAlone(order, body.size)) &&
    isSame(order.funds, body.funds, quoteUnit) &&
    order.timeInForce === (body.type === 'limit' ? (body.time_in_force ?? 'GTC') : 'IOC') &&
    order.postOnly === body.post_only &&
    order.stop === stopOf(body) &&
    isSame(order.stopPrice, body.stop_price, tick) &&
    isSameExpiry(order, body) &&
    isSame(order.maxFloor, body.max_floor, lot) &&
    (body.stp === undefined || order.selfTradePrevention === body.stp)
  );
}

function isSame(amount: number | null, sent: string | undefined, increment: Increment): boolean {
  return sent === undefined ? amount === null : parseAmount(sent, increment) === amount;
}

/** Orders by funds alone once carried the product's largest size as their bound, which nobody had sent. */
function isBoundAlone({ funds, size }: OrderRecord, sent: string | undefined): boolean {
  return sent === undefined && funds !== null && size !== null;
}
