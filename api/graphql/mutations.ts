import { queryOf } from '../http/query.ts';
import { readScope } from '../http/scope.ts';
import { type BatchOutcome, batchBodyOf } from '../orders/batch.ts';
import { amendByBody, cancelAll, cancelByName, placeBatch, placeByBody } from '../orders/requests.ts';
import { builder } from './builder.ts';
import { type Context, stateFor } from './context.ts';
import { OrderRef } from './orders.ts';
import { OrderTypeRef, SelfTradePreventionRef, SideRef, StopRef, TimeInForceRef } from './words.ts';

const NewOrder = builder.inputType('NewOrder', {
  description: 'The body of POST /orders.',
  fields: (t) => ({
    productId: t.id({ required: true }),
    side: t.field({ type: SideRef, required: true }),
    type: t.field({ type: OrderTypeRef }),
    price: t.field({ type: 'Decimal' }),
    size: t.field({ type: 'Decimal' }),
    funds: t.field({ type: 'Decimal' }),
    timeInForce: t.field({ type: TimeInForceRef }),
    cancelAfter: t.string({ description: 'With GTT: min, hour or day.' }),
    expireTime: t.field({ type: 'DateTime' }),
    stop: t.field({ type: StopRef }),
    stopPrice: t.field({ type: 'Decimal' }),
    maxFloor: t.field({ type: 'Decimal', description: 'Shows at most so much of it at a time.' }),
    postOnly: t.boolean(),
    selfTradePrevention: t.field({ type: SelfTradePreventionRef }),
    clientOid: t.string({ description: 'Makes it safe to send the order again.' }),
    traderId: t.id({ description: 'For operators: whose order it is.' }),
  }),
});

type Given = typeof NewOrder.$inferInput;

function placeBody(order: Given) {
  return {
    ...{ product_id: order.productId, side: order.side.toLowerCase(), type: order.type?.toLowerCase() },
    ...{ price: order.price, size: order.size, funds: order.funds, time_in_force: order.timeInForce },
    ...{ cancel_after: order.cancelAfter, expire_time: order.expireTime },
    ...{ stop: order.stop?.toLowerCase(), stop_price: order.stopPrice },
    ...{ max_floor: order.maxFloor, post_only: order.postOnly },
    ...{ stp: order.selfTradePrevention?.toLowerCase(), client_oid: order.clientOid },
    trader_id: order.traderId,
  };
}

const OrderResult = builder.objectRef<BatchOutcome>('OrderResult').implement({
  description: 'What became of one order of a batch: the order, or why it was refused.',
  fields: (t) => ({
    order: t.field({
      type: OrderRef,
      nullable: true,
      resolve: (outcome) => ('message' in outcome ? null : { shown: outcome, record: null }),
    }),
    message: t.string({
      nullable: true,
      resolve: (outcome) => ('message' in outcome ? outcome.message : null),
    }),
  }),
});

type Named = { readonly productId?: string | number | null; readonly traderId?: string | number | null };

function scopeOf({ api }: Context, { productId, traderId }: Named) {
  const query = queryOf({ product_id: productId, trader_id: traderId });
  return readScope(api.catalogue, query, undefined);
}

builder.mutationType({
  description: 'Each is a route of REST: the same use case, refusals, permissions and limits.',
  fields: (t) => ({
    placeOrder: t.field({
      type: OrderRef,
      args: { order: t.arg({ type: NewOrder, required: true }) },
      complexity: 10,
      resolve: async (_root, { order }, context) => {
        const state = await stateFor(context, 'POST /orders');
        const { body } = await placeByBody(context.api, { state, isAsync: false }, placeBody(order));
        return { shown: body, record: null };
      },
    }),
    placeOrders: t.field({
      type: [OrderResult],
      description: 'Up to 1,000 orders, kept together. One that is malformed refuses them all.',
      args: {
        orders: t.arg({ type: [NewOrder], required: true }),
        allOrNone: t.arg.boolean({
          description: 'Place all of them or none: limit orders of one shard, 999 at most.',
        }),
      },
      complexity: { field: 10, multiplier: 10 },
      resolve: async (_root, { orders, allOrNone }, context) => {
        const state = await stateFor(context, 'POST /orders/batch', orders.length);
        const asked = batchBodyOf(orders.map(placeBody), allOrNone ?? false);
        const { body } = await placeBatch(context.api, { state, isAsync: false }, asked);
        return body as BatchOutcome[];
      },
    }),
    amendOrder: t.field({
      type: OrderRef,
      args: {
        id: t.arg.id({ required: true }),
        price: t.arg({ type: 'Decimal' }),
        size: t.arg({ type: 'Decimal', description: 'The new total, what is filled included.' }),
        stopPrice: t.arg({ type: 'Decimal' }),
        expireTime: t.arg({ type: 'DateTime' }),
        traderId: t.arg.id(),
      },
      complexity: 10,
      resolve: async (_root, { id, price, size, stopPrice, expireTime, traderId: of }, context) => {
        const state = await stateFor(context, 'PUT /orders/:id');
        const body = { price, size, stop_price: stopPrice, expire_time: expireTime };
        const traderId = () => scopeOf(context, { traderId: of ?? null }).traderId;
        const amending = { id: String(id), traderId, body };
        return { shown: (await amendByBody(context.api, state, amending)).body, record: null };
      },
    }),
    cancelOrder: t.id({
      description: 'Answers the id.',
      args: { id: t.arg.id({ required: true }), traderId: t.arg.id() },
      complexity: 10,
      resolve: async (_root, { id, traderId }, context) => {
        const state = await stateFor(context, 'DELETE /orders/:id');
        const scope = () => scopeOf(context, { traderId: traderId ?? null });
        return (await cancelByName(context.api, state, { id: String(id), scope })).body;
      },
    }),
    cancelOrders: t.idList({
      description: 'Cancels all that is open, or all of a product, and answers the ids.',
      args: { productId: t.arg.id(), traderId: t.arg.id() },
      complexity: 50,
      resolve: async (_root, args, context) => {
        const state = await stateFor(context, 'DELETE /orders');
        const scope = scopeOf(context, {
          productId: args.productId ?? null,
          traderId: args.traderId ?? null,
        });
        return (await cancelAll(context.api, state, scope)).body;
      },
    }),
  }),
});
