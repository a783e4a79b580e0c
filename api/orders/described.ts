import { z } from 'zod';
import { stops, timesInForce } from '../../core/order.ts';
import {
  type Described,
  decimalText,
  idText,
  ownOnly,
  ownPeriod,
  refusal,
  sideText,
  timeText,
} from '../openapi/described.ts';
import { amendBody, listedAmend, listedId } from './amend-body.ts';
import { batchBody, orderBody } from './body.ts';
import { cancelAfterBody } from './switches/routes.ts';

export const orderAnswer = z
  .object({
    id: idText,
    product_id: z.string(),
    profile_id: idText,
    side: sideText,
    type: z.enum(['limit', 'market']),
    price: decimalText.optional(),
    size: decimalText.optional(),
    funds: decimalText.optional(),
    specified_funds: decimalText.optional(),
    time_in_force: z.enum(timesInForce).optional(),
    expire_time: timeText.optional().meta({ description: 'Of a GTT order: when it expires' }),
    max_floor: decimalText
      .optional()
      .meta({ description: 'Of an iceberg: at most so much is shown at a time' }),
    stop: z.enum(stops).optional(),
    stop_price: decimalText.optional(),
    triggered_at: timeText.optional().meta({ description: 'When a trade met the stop price' }),
    post_only: z.boolean(),
    stp: z.enum(['dc', 'co', 'cn', 'cb']).optional(),
    client_oid: z.string().optional(),
    created_at: timeText,
    done_at: timeText.optional(),
    done_reason: z.enum(['filled', 'canceled']).optional(),
    reject_reason: z.string().optional(),
    fill_fees: decimalText,
    filled_size: decimalText,
    executed_value: decimalText,
    status: z.enum(['pending', 'open', 'active', 'done', 'rejected']),
    settled: z.boolean(),
  })
  .meta({ id: 'Order' });

const fill = z
  .object({
    trade_id: z.int(),
    product_id: z.string(),
    order_id: idText,
    user_id: idText,
    profile_id: idText,
    liquidity: z.enum(['M', 'T']),
    price: decimalText,
    size: decimalText,
    fee: decimalText,
    side: sideText,
    settled: z.boolean(),
    usd_volume: decimalText,
    created_at: timeText,
  })
  .meta({ id: 'Fill' });

const scope = z.object({
  product_id: z.string().optional(),
  trader_id: z.union([z.string(), z.number()]).optional(),
});
const productQuery = { product_id: z.string().optional().meta({ description: 'Only of this product' }) };
const cancelQuery = ownOnly.extend(productQuery);
const taken = { first_id: idText.nullable(), count: z.int() };
export const batchTaken = z
  .object({ ...taken, shards: z.array(z.object({ shard: z.string(), ...taken })).optional() })
  .meta({ id: 'BatchTaken' });
const example = { product_id: 'PIKACHU-USD', side: 'buy', price: '5.00', size: '1' };
const orderPath = 'The id is a number, or `client:` and the `client_oid`.';

export const ordersDescribed = {
  'POST /orders': {
    tag: 'Orders',
    summary: 'Place an order, and learn what became of it',
    description: 'With `Prefer: respond-async` the answer is 202 as soon as the order is on disk.',
    body: orderBody.meta({ id: 'NewOrder' }),
    answer: orderAnswer,
    also: { 202: orderAnswer },
    example,
  },
  'POST /orders/batch': {
    tag: 'Orders',
    summary: 'Place up to 1,000 orders, next to each other and in order',
    description:
      'One that is malformed refuses them all. With `Prefer: respond-async` the answer is 202. Orders for products of several ' +
      'shards are in order within each shard; the header `Cardstock-Batch-Shards` names these then. An object with `orders` and ' +
      '`"all_or_none": true` places all of them or none: limit orders of one shard, 999 at most. They are judged together before the ' +
      'first comes in, as docs/rules.md says. If one is refused, its message says why, and the others say that it was. Sent again ' +
      'with the same `client_oid`s they are answered as they were the first time; if only some were sent before, all are refused.',
    body: z.union([
      z.array(orderBody).min(1).max(1_000),
      batchBody.extend({ orders: z.array(orderBody).min(1).max(1_000) }),
    ]),
    answer: z.array(z.union([orderAnswer, refusal])),
    also: { 202: batchTaken },
    example: [example, { ...example, side: 'sell', price: '9.00' }],
  },
  'DELETE /orders/batch': {
    tag: 'Orders',
    summary: 'Cancel up to 1,000 orders by their names, next to each other and in order',
    description: `${orderPath} The answer has for each its id, or a message that says why it was not canceled.`,
    query: ownOnly,
    body: z.array(listedId).min(1).max(1_000),
    answer: z.array(z.union([idText, refusal])),
  },
  'PUT /orders/batch': {
    tag: 'Orders',
    summary: 'Amend up to 1,000 orders, next to each other and in order',
    description:
      'A malformed element refuses them all. One that cannot be amended has a message in its place.',
    query: ownOnly,
    body: z.array(listedAmend).min(1).max(1_000),
    answer: z.array(z.union([orderAnswer, refusal])),
  },
  'GET /orders': {
    tag: 'Orders',
    summary: 'List orders, the newest first',
    query: ownPeriod.extend({
      ...productQuery,
      status: z
        .union([z.string(), z.array(z.string())])
        .optional()
        .meta({ description: 'open, pending, active, done, rejected or all; may be repeated' }),
    }),
    answer: z.array(orderAnswer),
  },
  'GET /orders/:id': {
    tag: 'Orders',
    summary: 'An order as it stands now',
    description: orderPath,
    query: ownOnly,
    answer: orderAnswer,
  },
  'PUT /orders/:id': {
    tag: 'Orders',
    summary: 'Amend the price, the total size, the stop price or the expiry of an order',
    description: orderPath,
    query: ownOnly,
    body: amendBody.meta({ id: 'Amend' }),
    answer: orderAnswer,
  },
  'DELETE /orders/:id': {
    tag: 'Orders',
    summary: 'Cancel an order',
    description: `${orderPath} The answer is the order's id.`,
    query: cancelQuery,
    body: scope,
    isBodyOptional: true,
    answer: idText,
  },
  'DELETE /orders': {
    tag: 'Orders',
    summary: 'Cancel all orders, or those of a product',
    description: 'The answer has the ids of those that were open.',
    query: cancelQuery,
    body: scope,
    isBodyOptional: true,
    answer: z.array(idText),
  },
  'POST /orders/cancel-after': {
    tag: 'Orders',
    summary: 'Have all open orders canceled unless this is called again in time; 0 ends it',
    query: cancelQuery,
    body: cancelAfterBody.extend(scope.shape),
    answer: z.object({
      timeout_ms: z.int(),
      product_id: z.string().nullable(),
      cancels_at: timeText.nullable(),
    }),
    example: { timeout_ms: 0 },
  },
  'GET /fills': {
    tag: 'Orders',
    summary: 'The fills of an order or a product; one of both must be named',
    query: ownPeriod.extend({ order_id: z.string().optional(), ...productQuery }),
    answer: z.array(fill),
  },
} satisfies Record<string, Described>;
