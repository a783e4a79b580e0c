import { z } from 'zod';
import { message } from '../community/described.ts';
import { auction } from '../market-data/described.ts';
import { decimalText, idText, refusal, sideText, timeText } from '../openapi/described.ts';
import { amendBody } from '../orders/amend-body.ts';
import { orderBody } from '../orders/body.ts';
import { batchTaken, orderAnswer, ordersDescribed } from '../orders/described.ts';
import { currency, product } from '../products/described.ts';

const sequence = z.int();
const rows = z.array(z.tuple([decimalText, decimalText]));

/** Of an order's life, as all see it. A party to it sees more, which is optional here. */
const event = {
  time: timeText,
  product_id: z.string(),
  sequence,
  order_id: idText,
  side: sideText,
  user_id: idText.optional(),
  profile_id: idText.optional(),
  request_id: z.string().optional(),
};
const trade = {
  trade_id: z.int(),
  sequence,
  maker_order_id: idText,
  taker_order_id: idText,
  time: timeText,
  product_id: z.string(),
  size: decimalText,
  price: decimalText,
  side: sideText,
};
const party = {
  user_id: idText.optional(),
  profile_id: idText.optional(),
  request_id: z.string().optional(),
  maker_user_id: idText.optional(),
  maker_profile_id: idText.optional(),
  maker_fee_rate: z.string().optional(),
  taker_user_id: idText.optional(),
  taker_profile_id: idText.optional(),
  taker_fee_rate: z.string().optional(),
};
const tickerFields = {
  sequence,
  product_id: z.string(),
  price: decimalText,
  open_24h: decimalText,
  volume_24h: decimalText,
  low_24h: decimalText,
  high_24h: decimalText,
  volume_30d: decimalText,
  best_bid: decimalText,
  best_bid_size: decimalText,
  best_ask: decimalText,
  best_ask_size: decimalText,
  side: sideText,
  time: timeText,
  trade_id: z.int(),
  last_size: decimalText,
};

/** Of a stop order before it is triggered: its trader's alone, without a number. */
const ofWaiting = {
  time: timeText,
  product_id: z.string(),
  order_id: idText,
  side: sideText,
  user_id: idText,
  profile_id: idText,
};

/** What the server tells, by the `type` of the message. Tests hold every message that they are sent against it. */
export const toldByType = {
  subscriptions: z.object({
    type: z.literal('subscriptions'),
    channels: z.array(z.object({ name: z.string(), product_ids: z.array(z.string()) })),
  }),
  error: z.object({ type: z.literal('error'), message: z.string(), reason: z.string() }),
  snapshot_needed: z.object({
    type: z.literal('snapshot_needed'),
    product_id: z.string(),
    since: sequence,
    sequence,
  }),
  heartbeat: z.object({
    type: z.literal('heartbeat'),
    sequence,
    last_trade_id: z.int(),
    product_id: z.string(),
    time: timeText,
  }),
  ticker: z.object({ type: z.literal('ticker'), ...tickerFields }),
  snapshot: z.object({
    type: z.literal('snapshot'),
    product_id: z.string(),
    time: timeText,
    sequence,
    bids: rows,
    asks: rows,
    checksum: z.int(),
  }),
  l2update: z.object({
    type: z.literal('l2update'),
    product_id: z.string(),
    time: timeText,
    sequence,
    changes: z.array(z.tuple([sideText, decimalText, decimalText])),
    checksum: z.int().optional(),
  }),
  last_match: z.object({ type: z.literal('last_match'), ...trade }),
  match: z.object({ type: z.literal('match'), ...trade, ...party }),
  received: z.object({
    type: z.literal('received'),
    ...event,
    order_type: z.string(),
    size: decimalText.optional(),
    price: decimalText.optional(),
    funds: decimalText.optional(),
    client_oid: z.string().optional(),
  }),
  open: z.object({
    type: z.literal('open'),
    ...event,
    price: decimalText.optional(),
    remaining_size: decimalText.optional(),
  }),
  done: z.union([
    z.object({
      type: z.literal('done'),
      ...event,
      reason: z.enum(['filled', 'canceled']),
      price: decimalText.optional(),
      remaining_size: decimalText.optional(),
      cancel_reason: z.string().optional(),
    }),
    z.object({
      type: z.literal('done'),
      ...ofWaiting,
      reason: z.literal('canceled'),
      remaining_size: decimalText.optional(),
      cancel_reason: z.string().optional(),
    }),
  ]),
  change: z.union([
    z.object({
      type: z.literal('change'),
      ...event,
      reason: z.enum(['STP', 'modify_order']),
      old_size: decimalText.nullable(),
      new_size: decimalText,
      price: decimalText.nullable(),
      old_price: decimalText.nullable().optional(),
      new_price: decimalText.nullable().optional(),
    }),
    z.object({
      type: z.literal('change'),
      ...ofWaiting,
      reason: z.literal('modify_order'),
      price: decimalText.nullable(),
      new_size: decimalText.nullable(),
      stop_price: decimalText,
    }),
  ]),
  activate: z.object({
    type: z.literal('activate'),
    product_id: z.string(),
    order_id: idText,
    timestamp: z.string(),
    time: timeText,
    user_id: idText,
    profile_id: idText,
    side: sideText,
    stop_type: z.enum(['loss', 'entry']),
    stop_price: decimalText,
    size: decimalText.optional(),
    funds: decimalText.optional(),
    client_oid: z.string().optional(),
    private: z.literal(true),
  }),
  balance: z.object({
    type: z.literal('balance'),
    account_id: z.string(),
    currency: z.string(),
    holds: decimalText,
    available: decimalText,
    updated: timeText,
    timestamp: timeText,
  }),
  auction: z.object({ type: z.literal('auction'), product_id: z.string(), sequence, ...auction.shape }),
  status: z.object({
    type: z.literal('status'),
    products: z.array(product),
    currencies: z.array(currency),
  }),
  room: z.object({ type: z.literal('room'), product_id: z.string(), messages: z.array(message) }),
  message: z.object({ type: z.literal('message'), ...message.shape }),
} as const;

const requestId = z.union([z.string().max(64), z.int()]);
const request = <Params extends z.ZodType>(method: string, params: Params) =>
  z.object({
    id: requestId,
    method: z.literal(method),
    params,
    prefer: z.literal('respond-async').optional(),
  });
const traderId = z.union([z.string(), z.int()]).optional();
const named = { id: z.union([z.string().max(128), z.int()]), trader_id: traderId };

/** What a client asks by order entry, by the method: params and result are the bodies of REST. */
export const requestsByMethod = {
  'session.logon': request(
    'session.logon',
    z.object({
      token: z.string().optional(),
      key: z.string().optional(),
      signature: z.string().optional(),
      timestamp: z.string().optional(),
      passphrase: z.string().optional(),
      cancel_on_disconnect: z.boolean().optional(),
    }),
  ),
  'order.place': request('order.place', orderBody),
  'order.batch': request('order.batch', ordersDescribed['POST /orders/batch'].body),
  'order.cancelBatch': request('order.cancelBatch', ordersDescribed['DELETE /orders/batch'].body),
  'order.amendBatch': request('order.amendBatch', ordersDescribed['PUT /orders/batch'].body),
  'order.get': request('order.get', z.object(named)),
  'order.amend': request('order.amend', amendBody.extend(named)),
  'order.cancel': request('order.cancel', z.object({ ...named, product_id: z.string().optional() })),
  'order.cancelAll': request(
    'order.cancelAll',
    z.object({ product_id: z.string().optional(), trader_id: traderId }),
  ),
  time: z.object({ id: requestId, method: z.literal('time') }),
} as const;

const loggedOn = z.object({
  trader_id: idText.nullable(),
  role: z.string(),
  permissions: z.array(z.string()),
  cancel_on_disconnect: z.boolean(),
});

/** What a request is answered with, by its method, if it is not refused. */
export const resultsByMethod = {
  'session.logon': loggedOn,
  'order.place': orderAnswer,
  'order.batch': z.union([z.array(z.union([orderAnswer, refusal])), batchTaken]),
  'order.cancelBatch': ordersDescribed['DELETE /orders/batch'].answer,
  'order.amendBatch': ordersDescribed['PUT /orders/batch'].answer,
  'order.get': orderAnswer,
  'order.amend': orderAnswer,
  'order.cancel': idText,
  'order.cancelAll': z.array(idText),
  time: z.object({ iso: timeText, epoch: z.number() }),
} as const satisfies Record<keyof typeof requestsByMethod, z.ZodType>;

export const refusedRequest = z.object({
  id: requestId.nullable(),
  status: z.int().min(400),
  error: refusal,
});
