import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import type { CallerContext, CallerHandler } from '../http/context.ts';
import { setCursors } from '../http/cursors.ts';
import { BadRequest } from '../http/errors.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { readPeriod, readQuery, readSortedPage } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { setCoverage } from './coverage.ts';
import { presentOrder } from './presentation.ts';
import { findOrdersOfTrader, type OrderFilter } from './queries/orders.ts';
import {
  amendByBody,
  cancelAll,
  cancelByName,
  type OrderAnswer,
  orderByName,
  placeByBody,
} from './requests.ts';

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
    answer(ctx, await placeByBody(api, { state: ctx.state, isAsync: wantsNoVerdict(ctx) }, ctx.request.body));
  };
}

/** The client asks for the answer as soon as its order is accepted. */
export function wantsNoVerdict(ctx: CallerContext): boolean {
  const { prefer } = ctx.req.headers;
  return prefer !== undefined && /(?:^|,)\s*respond-async\s*(?:[;,]|$)/i.test(String(prefer));
}

function getOrders(api: Api): CallerHandler {
  return async (ctx) => {
    const query = readQuery(ctx.querystring);
    const scope = readScope(api.catalogue, query, undefined);
    const traderId = traderOf(ctx.state.caller, scope.traderId);
    const statuses = readStatuses(query.all('status'));
    const filter = { ...readSortedPage(query), ...readPeriod(query) };
    await api.shards.visibleTo(traderId);
    const productId = scope.product?.productId ?? null;
    const orders =
      statuses.size === 0
        ? []
        : await findOrdersOfTrader(api.readsOf(traderId), { ...filter, traderId, productId, statuses });
    await api.catalogue.knowing(orders.map((order) => order.productId));
    setCursors(ctx, orders, ({ orderId }) => orderId);
    if (statuses.has('done') || statuses.has('rejected')) await setCoverage(api, ctx, scope.product);
    ctx.body = orders.map((order) => presentOrder(order, api.catalogue.product(order.productId)!));
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
    const { traderId } = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    answer(ctx, await orderByName(api, ctx.state, { id: ctx.params.id!, traderId }));
  };
}

function putOrder(api: Api): CallerHandler {
  return async (ctx) => {
    const traderId = () => readScope(api.catalogue, readQuery(ctx.querystring), undefined).traderId;
    const amending = { id: ctx.params.id!, traderId, body: ctx.request.body };
    answer(ctx, await amendByBody(api, ctx.state, amending));
  };
}

function deleteOrder(api: Api): CallerHandler {
  return async (ctx) => {
    const scope = () => scopeOf(api, ctx);
    const { body } = await cancelByName(api, ctx.state, { id: ctx.params.id!, scope });
    ctx.type = 'json';
    ctx.body = JSON.stringify(body);
  };
}

function deleteOrders(api: Api): CallerHandler {
  return async (ctx) => answer(ctx, await cancelAll(api, ctx.state, scopeOf(api, ctx)));
}

function scopeOf(api: Api, ctx: CallerContext) {
  return readScope(api.catalogue, readQuery(ctx.querystring), ctx.request.body);
}

function answer(ctx: CallerContext, { status, body }: OrderAnswer): void {
  ctx.status = status;
  ctx.body = body;
}
