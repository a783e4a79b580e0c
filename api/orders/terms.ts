import type { Side, Stop, TimeInForce } from '../../core/order.ts';
import type { Product } from '../../core/product.ts';
import type { Place } from '../../core/wire/commands.ts';
import { BadRequest } from '../errors.ts';
import { readMaxFloor, readStopPrice } from '../http/amounts.ts';

// What an order waits for, when it expires, and how much of it is shown.

/** What an order may show in turn, so that no order can be met without end. The matcher allows an amend as many. */
const mostTips = 100;

const second = 1_000;
const spans = { min: 60 * second, hour: 3_600 * second, day: 24 * 3_600 * second } as const;
export const cancelAfters = ['min', 'hour', 'day'] as const;

/** What a body says of it. */
type Body = {
  readonly side: Side;
  readonly type: 'limit' | 'market' | 'stop';
  readonly time_in_force?: TimeInForce | undefined;
  readonly cancel_after?: keyof typeof spans | undefined;
  readonly expire_time?: string | undefined;
  readonly stop?: Stop | undefined;
  readonly stop_price?: string | number | undefined;
  readonly max_floor?: string | undefined;
  readonly post_only: boolean;
};
type StopTerms = Pick<Place, 'stop' | 'stopPrice'>;

/** Clients of the dialect may leave out `stop`: then a sell limits a loss, and a buy enters. Null if there is no stop price. */
export function stopOf({ stop, stop_price, side }: Body): Stop | null {
  if (stop_price === undefined) return null;
  return stop ?? (side === 'sell' ? 'loss' : 'entry');
}

export function readStop(body: Body, product: Product): StopTerms {
  const { stop, stop_price, type, time_in_force, post_only } = body;
  if (stop_price === undefined) {
    if (stop !== undefined || type === 'stop')
      throw new BadRequest('Invalid stop_price: required for a stop order');
    return { stop: null, stopPrice: null };
  }
  if (post_only) throw new BadRequest('Invalid post_only: a stop order takes when it is triggered');
  if (type === 'limit' && (time_in_force === 'IOC' || time_in_force === 'FOK'))
    throw new BadRequest(`Invalid time_in_force: a stop order cannot be ${time_in_force}; use GTC or GTT`);
  return { stop: stopOf(body), stopPrice: readStopPrice(stop_price, product) };
}

/** When a GTT order expires, in Unix milliseconds; null for every other. */
export function readExpiry({ time_in_force, cancel_after, expire_time }: Body, now: number): number | null {
  if (time_in_force !== 'GTT') {
    if (cancel_after !== undefined) throw new BadRequest('Invalid cancel_after: for GTT orders only');
    if (expire_time !== undefined) throw new BadRequest('Invalid expire_time: for GTT orders only');
    return null;
  }
  if ((cancel_after === undefined) === (expire_time === undefined))
    throw new BadRequest('Invalid time_in_force: a GTT order needs cancel_after or expire_time');
  return expire_time === undefined ? now + spans[cancel_after!] : readExpireTime(expire_time, now);
}

/** Whether an order that was taken expires as a request says again. The span of `cancel_after` began when it was taken. */
export function isSameExpiry(
  order: Pick<Place, 'expireTime'> & { readonly createdAt: number },
  { cancel_after, expire_time }: Body,
): boolean {
  if (cancel_after !== undefined) return order.expireTime === order.createdAt + spans[cancel_after];
  return order.expireTime === (expire_time === undefined ? null : Date.parse(expire_time));
}

/** How much of an order is shown at a time; null shows all. */
export function readShown(
  { max_floor, type, time_in_force }: Body,
  { size }: Pick<Place, 'size'>,
  product: Product,
): number | null {
  if (max_floor === undefined) return null;
  if (type !== 'limit') throw new BadRequest('Invalid max_floor: a market order never rests');
  if (time_in_force === 'IOC' || time_in_force === 'FOK')
    throw new BadRequest(`Invalid max_floor: an order that is ${time_in_force} never rests`);
  const shown = readMaxFloor(max_floor, product);
  if (shown > size!) throw new BadRequest('Invalid max_floor: is above size');
  if (size! > shown * mostTips)
    throw new BadRequest(`Invalid max_floor: must be at least a ${mostTips}th of size`);
  return shown;
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

export function readExpireTime(text: string, now: number): number {
  const time = isoTime.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isSafeInteger(time))
    throw new BadRequest(
      'Invalid expire_time: must be an ISO 8601 time with a zone, such as 2030-01-01T00:00:00Z',
    );
  if (time <= now) throw new BadRequest('Invalid expire_time: is past');
  return time;
}
