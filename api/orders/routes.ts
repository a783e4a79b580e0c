import type { Api } from '../api.ts';
import type { CallerContext, CallerHandler } from '../http/context.ts';
import { answerJson, answerText } from '../http/listed.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { orderTexts } from './list.ts';
import {
  amendByBody,
  cancelAll,
  cancelByName,
  type OrderAnswer,
  orderByName,
  placeByBody,
} from './requests.ts';

export function placeRoutes(routes: CallerRoutes, api: Api): void {
  routes.post('/orders', jsonBody(), postOrder(api));
}

export function orderRoutes(routes: CallerRoutes, api: Api): void {
  routes.get('/orders', getOrders(api));
  routes.delete('/orders', jsonBody({ optional: true }), deleteOrders(api));
  routes.get('/orders/:id', getOrder(api));
  routes.put('/orders/:id', jsonBody(), putOrder(api));
  routes.delete('/orders/:id', jsonBody({ optional: true }), deleteOrder(api));
}

function postOrder(api: Api): CallerHandler {
  return async (ctx) => {
    const asked = { state: ctx.state, isAsync: wantsNoVerdict(ctx) };
    const { status, body } = await placeByBody(api, asked, ctx.request.body);
    ctx.status = status;
    answerJson(ctx, body);
  };
}

/** The client asks for the answer as soon as its order is accepted. */
export function wantsNoVerdict(ctx: CallerContext): boolean {
  const { prefer } = ctx.req.headers;
  return prefer !== undefined && /(?:^|,)\s*respond-async\s*(?:[;,]|$)/i.test(String(prefer));
}

function getOrders(api: Api): CallerHandler {
  return async (ctx) => {
    answerText(ctx, await orderTexts(api, ctx.state, ctx.querystring));
  };
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
    answerJson(ctx, body);
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
