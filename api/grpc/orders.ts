import type { Api } from '../api.ts';
import { queryOf } from '../http/query.ts';
import { readScope } from '../http/scope.ts';
import { type Acceptance, type BatchOutcome, batchBodyOf } from '../orders/batch.ts';
import { listOrders } from '../orders/list.ts';
import { type PresentedOrder, presentOrder } from '../orders/presentation.ts';
import {
  amendByBody,
  cancelAll,
  cancelByName,
  orderByName,
  placeBatch,
  placeByBody,
} from '../orders/requests.ts';
import type { Calls } from './calls.ts';
import type { ExchangeServer } from './generated/cardstock/v1/exchange.ts';
import type {
  Acceptance as AcceptanceMessage,
  NewOrder,
  Order,
  OrderResult,
} from './generated/cardstock/v1/orders.ts';
import { cursorsMessage, pageFields } from './pages.ts';
import {
  doneReasons,
  orderStatuses,
  orderTypes,
  selfTradePreventions,
  sides,
  stops,
  timesInForce,
} from './words.ts';

type OrderCalls = Pick<
  ExchangeServer,
  'placeOrder' | 'placeOrders' | 'amendOrder' | 'cancelOrder' | 'cancelOrders' | 'getOrder' | 'listOrders'
>;

export function orderCalls(api: Api, { forCallers }: Calls): OrderCalls {
  return {
    placeOrder: forCallers('POST /orders', async ({ order, respond_async: isAsync }, state) => {
      const { body } = await placeByBody(api, { state, isAsync }, order ? placeBody(order) : {});
      return { order: orderMessage(body) };
    }),
    placeOrders: forCallers(
      'POST /orders/batch',
      async ({ orders, respond_async: isAsync, all_or_none }, state) => {
        const asked = batchBodyOf(orders.map(placeBody), all_or_none);
        const { body } = await placeBatch(api, { state, isAsync }, asked);
        return Array.isArray(body)
          ? { results: body.map(resultMessage), acceptance: undefined }
          : { results: [], acceptance: acceptanceMessage(body as Acceptance) };
      },
      ({ orders }) => orders.length,
    ),
    amendOrder: forCallers('PUT /orders/:id', async ({ id, trader_id, ...changes }, state) => {
      const { price, size, stop_price, expire_time } = changes;
      const body = {
        ...{ price: price || undefined, size: size || undefined },
        ...{ stop_price: stop_price || undefined, expire_time },
      };
      const traderId = () => scopeOf(api, { trader_id }).traderId;
      return { order: orderMessage((await amendByBody(api, state, { id, traderId, body })).body) };
    }),
    cancelOrder: forCallers('DELETE /orders/:id', async ({ id, ...scope }, state) => {
      const { body } = await cancelByName(api, state, { id, scope: () => scopeOf(api, scope) });
      return { id: body };
    }),
    cancelOrders: forCallers('DELETE /orders', async (scope, state) => {
      return { ids: (await cancelAll(api, state, scopeOf(api, scope))).body };
    }),
    getOrder: forCallers('GET /orders/:id', async ({ id, trader_id }, state) => {
      const { traderId } = scopeOf(api, { trader_id });
      return { order: orderMessage((await orderByName(api, state, { id, traderId })).body) };
    }),
    listOrders: forCallers('GET /orders', async (asked, state) => {
      const status = asked.statuses.map((number) => orderStatuses.wordOf(number) ?? 'unspecified');
      const query = queryOf({ ...pageFields(asked), product_id: asked.product_id, status });
      const orders = await listOrders(api, state, query);
      const present = (order: (typeof orders.rows)[number]) =>
        orderMessage(presentOrder(order, api.catalogue.product(order.productId)!));
      return { orders: orders.rows.map(present), cursors: cursorsMessage(orders) };
    }),
  };
}

function scopeOf(api: Api, fields: { readonly product_id?: string; readonly trader_id: string }) {
  return readScope(api.catalogue, queryOf(fields), undefined);
}

/** The body of POST /orders. */
export function placeBody(order: NewOrder) {
  return {
    product_id: order.product_id,
    side: sides.wordOf(order.side),
    type: orderTypes.wordOf(order.type),
    price: order.price || undefined,
    size: order.size || undefined,
    funds: order.funds || undefined,
    time_in_force: timesInForce.wordOf(order.time_in_force),
    cancel_after: order.cancel_after || undefined,
    expire_time: order.expire_time,
    stop: stops.wordOf(order.stop),
    stop_price: order.stop_price || undefined,
    max_floor: order.max_floor || undefined,
    post_only: order.post_only,
    stp: selfTradePreventions.wordOf(order.self_trade_prevention),
    client_oid: order.client_oid || undefined,
    trader_id: order.trader_id || undefined,
  };
}

export function orderMessage(order: PresentedOrder): Order {
  return {
    id: order.id,
    product_id: order.product_id,
    trader_id: order.profile_id,
    side: sides.numberOf(order.side),
    type: orderTypes.numberOf(order.type),
    price: order.price ?? '',
    size: order.size ?? '',
    funds: order.funds ?? '',
    time_in_force: timesInForce.numberOf(order.time_in_force),
    post_only: order.post_only,
    self_trade_prevention: selfTradePreventions.numberOf(order.stp),
    client_oid: order.client_oid ?? '',
    created_at: order.created_at,
    done_at: order.done_at,
    done_reason: doneReasons.numberOf(order.done_reason),
    reject_reason: order.reject_reason ?? '',
    filled_size: order.filled_size,
    executed_value: order.executed_value,
    fill_fees: order.fill_fees,
    expire_time: order.expire_time,
    stop: stops.numberOf(order.stop),
    stop_price: order.stop_price ?? '',
    triggered_at: order.triggered_at,
    max_floor: order.max_floor ?? '',
    status: orderStatuses.numberOf(order.status),
  };
}

export function resultMessage(outcome: BatchOutcome): OrderResult {
  return 'message' in outcome
    ? { result: { $case: 'message', value: outcome.message } }
    : { result: { $case: 'order', value: orderMessage(outcome) } };
}

export function acceptanceMessage({ first_id, count }: Acceptance): AcceptanceMessage {
  return { first_id: first_id ?? '', count };
}
