import { z } from 'zod';
import { sides, stops, type TimeInForce, timesInForce } from '../../core/order.ts';
import type { Product } from '../../core/product.ts';
import type { Place } from '../../core/wire/commands.ts';
import { BadRequest } from '../errors.ts';
import { readFunds, readPrice, readSize } from '../http/amounts.ts';
import { clientId, clientIdRule, decimal, flag, must, objectError, traderIdField } from '../http/body.ts';
import { cancelAfters, readExpiry, readShown, readStop } from './terms.ts';

export const clientOid = z
  .string(must('must be text'))
  .regex(clientId, clientIdRule)
  // In a command, that stands for none.
  .refine((oid) => oid !== '-', 'must not be - alone');

/** The body of POST /orders. Other keys are ignored. */
export const orderBody = z.object(
  {
    product_id: z.string(must('must be text')),
    side: z.enum(sides, must('must be buy or sell')),
    type: z.enum(['limit', 'market', 'stop'], must('must be limit or market')).default('limit'),
    price: decimal.optional(),
    size: decimal.optional(),
    funds: decimal.optional(),
    time_in_force: z.enum(timesInForce, must('must be GTC, GTT, IOC or FOK')).optional(),
    cancel_after: z.enum(cancelAfters, must('must be min, hour or day')).optional(),
    expire_time: z.string(must('must be text')).optional(),
    max_floor: decimal.optional(),
    stop: z.enum(stops, must('must be loss or entry')).optional(),
    stop_price: decimal.optional(),
    post_only: flag.default(false),
    stp: z.enum(['dc', 'co', 'cn', 'cb'], must('must be dc, co, cn or cb')).optional(),
    client_oid: clientOid.optional(),
    trader_id: traderIdField.optional(),
  },
  objectError,
);
/** What the body of POST /orders/batch has beside its orders, if it is an object. */
export const batchBody = z.object({ orders: z.unknown(), all_or_none: flag.default(false) }, objectError);
export type OrderBody = z.output<typeof orderBody>;

/** The command that a body means. Whatever the matcher need not know is decided here. */
export function placeOf(
  body: OrderBody,
  product: Product,
  { traderId, requestId }: Pick<Place, 'traderId' | 'requestId'>,
): Place {
  const amounts = body.type === 'limit' ? limitAmounts(body, product) : marketAmounts(body, product);
  const time = Date.now();
  const { stop, stopPrice } = readStop(body, product);
  return {
    kind: 'place',
    traderId,
    productId: product.productId,
    side: body.side,
    price: amounts.price,
    size: amounts.size,
    funds: amounts.funds,
    timeInForce: body.type === 'limit' ? (body.time_in_force ?? 'GTC') : marketTimeInForce(body),
    postOnly: postOnlyOf(body),
    selfTradePrevention: body.stp ?? product.selfTradePrevention,
    stop,
    stopPrice,
    expireTime: readExpiry(body, time),
    maxFloor: readShown(body, amounts, product),
    clientOid: body.client_oid ?? null,
    time,
    requestId,
  };
}

type Amounts = Pick<Place, 'price' | 'size' | 'funds'>;

function limitAmounts({ price, size, funds }: OrderBody, product: Product): Amounts {
  if (price === undefined) throw new BadRequest('Invalid price: required for a limit order');
  if (size === undefined) throw new BadRequest('Invalid size: required for a limit order');
  if (funds !== undefined) throw new BadRequest('Invalid funds: for market orders only');
  return { price: readPrice(price, product), size: readSize(size, product), funds: null };
}

/** The matcher bounds an order by funds alone by the product's largest size. */
function marketAmounts({ price, size, funds }: OrderBody, product: Product): Amounts {
  if (price !== undefined) throw new BadRequest('Invalid price: a market order has none');
  if (size === undefined && funds === undefined)
    throw new BadRequest('Invalid size: a market order needs size or funds');
  return {
    price: null,
    size: size === undefined ? null : readSize(size, product),
    funds: funds === undefined ? null : readFunds(funds, product),
  };
}

function marketTimeInForce({ time_in_force }: OrderBody): TimeInForce {
  if (time_in_force !== undefined && time_in_force !== 'IOC')
    throw new BadRequest('Invalid time_in_force: a market order never rests, so it can only be IOC');
  return 'IOC';
}

function postOnlyOf({ type, post_only, time_in_force }: OrderBody): boolean {
  if (!post_only) return false;
  if (type !== 'limit') throw new BadRequest('Invalid post_only: a market order always takes');
  if (time_in_force === 'IOC' || time_in_force === 'FOK')
    throw new BadRequest(`Invalid post_only: a post-only order cannot be ${time_in_force}`);
  return true;
}
