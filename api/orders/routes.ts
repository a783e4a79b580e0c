import type { Api } from '../api.ts';
import { refuseUnknownTrader, traderOf } from '../auth/traders.ts';
import { readBody } from '../http/body.ts';
import type { CallerContext, CallerHandler } from '../http/context.ts';
import { setCursors } from '../http/cursors.ts';
import { BadRequest } from '../http/errors.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { readPage, readPeriod, readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { amendOrder } from './amend.ts';
import { amendBody, refuseEmptyAmend } from './amend-body.ts';
import { cancelOrder, cancelOrders } from './cancel.ts';
import { orderNotFound, setCoverage } from './coverage.ts';
import { findOwnOrder, idOfOrder } from './find-order.ts';
import { readOrderName } from './order-name.ts';
import { acceptOrders, isTaken, outcomeOf } from './place.ts';
import { presentOrder } from './presentation.ts';
import { findOrdersOfTrader, type OrderFilter } from './queries/orders.ts';
import { readPlace } from './read-place.ts';
import { type OrderRecord, recordOf } from './record.ts';

export function orderRoutes(routes: CallerRoutes, api: Api): void {
  routes.post('/orders', jsonBody(), postOrder(api));
  routes.get('/orders', getOrders(api));
  routes.delete('/orders', jsonBody({ optional: true }), deleteOrders(api));
  routes.get('/orders/:id', getOrder(api));
  routes.put('/orders/:id', jsonBody(), putOrder(api));
  routes.delete('/orders/:id', jsonBody({ optional: true }), deleteOrder(api));
}

function postOrder(api: Api): CallerHandler {
  return async (ctx) => {
    const { place, product } = readPlace(api, ctx.state, ctx.request.body);
    await refuseUnknownTrader(api, ctx.state.caller, place.traderId);
    const [taken] = await acceptOrders(api, api.shards.ofProduct(product), [place]);
    const isPending = wantsNoVerdict(ctx) && isTaken(taken!) && !taken.repeated;
    const order = isPending ? recordOf(taken.sequence, place, null) : await outcomeOf(api, place, taken!);
    ctx.status = isPending ? 202 : 200;
    ctx.body = presentOrder(order, product);
  };
}

/** The client asks for the answer as soon as its order is accepted. */
export function wantsNoVerdict(ctx: CallerContext): boolean {
  const { prefer } = ctx.req.headers;
  return prefer !== undefined && /\brespond-async\b/i.test(String(prefer));
}

function getOrders(api: Api): CallerHandler {
  return async (ctx) => {
    const query = readQuery(ctx.querystring);
    const scope = readScope(api.catalogue, query, undefined);
    const traderId = traderOf(ctx.state.caller, scope.traderId);
    const statuses = readStatuses(query.all('status'));
    const filter = { ...readPage(query), ...readPeriod(query) };
    await api.shards.visibleTo(traderId);
    const productId = scope.product?.productId ?? null;
    const orders =
      statuses.size === 0
        ? []
        : await findOrdersOfTrader(api.readsOf(traderId), { ...filter, traderId, productId, statuses });
    setCursors(ctx, orders, ({ orderId }) => orderId);
    if (statuses.has('done') || statuses.has('rejected')) await setCoverage(api, ctx, scope.product);
    ctx.body = orders.map((order) => present(api, order));
  };
}

const storedStatuses = ['open', 'done', 'rejected'] as const;
/** Orders that are read are matched, and there are no stop orders: no row is ever `pending` or `active`. */
const neverStored = ['pending', 'active'];

function readStatuses(given: readonly string[]): OrderFilter['statuses'] {
  if (given.length === 0) return new Set(['open']);
  if (given.includes('all')) return new Set(storedStatuses);
  for (const status of given)
    if (!neverStored.includes(status) && !storedStatuses.some((stored) => stored === status))
      throw new BadRequest('Invalid status: must be open, pending, active, done, rejected or all');
  return new Set(storedStatuses.filter((status) => given.includes(status)));
}

function getOrder(api: Api): CallerHandler {
  return async (ctx) => {
    const name = readOrderName(ctx.params.id!);
    const { traderId } = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    const trader = traderOf(ctx.state.caller, traderId);
    const order = await findOwnOrder(api, trader, name);
    if (!order) throw await orderNotFound(api, await idOfOrder(api, trader, name));
    ctx.body = present(api, order);
  };
}

function putOrder(api: Api): CallerHandler {
  return async (ctx) => {
    const name = readOrderName(ctx.params.id!);
    const body = readBody(amendBody, ctx.request.body);
    refuseEmptyAmend(body);
    const { traderId } = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    const { caller, requestId } = ctx.state;
    const request = { traderId: traderOf(caller, traderId), requestId, name, body };
    ctx.body = present(api, await amendOrder(api, request));
  };
}

function deleteOrder(api: Api): CallerHandler {
  return async (ctx) => {
    const orderId = await cancelOrder(api, readOrderName(ctx.params.id!), readCancelScope(api, ctx));
    ctx.type = 'json';
    ctx.body = JSON.stringify(String(orderId));
  };
}

function deleteOrders(api: Api): CallerHandler {
  return async (ctx) => {
    const orderIds = await cancelOrders(api, readCancelScope(api, ctx));
    ctx.body = orderIds.map(String);
  };
}

function readCancelScope(api: Api, ctx: CallerContext) {
  const { product, traderId } = readScope(api.catalogue, readQuery(ctx.querystring), ctx.request.body);
  const { caller, requestId } = ctx.state;
  return { traderId: traderOf(caller, traderId), productId: product?.productId ?? null, requestId };
}

function present(api: Api, order: OrderRecord) {
  return presentOrder(order, api.catalogue.product(order.productId)!);
}
