import type { Api } from '../api.ts';
import type { CallerContext } from '../http/context.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { amendByList, cancelByList, placeBatch } from './requests.ts';
import { wantsNoVerdict } from './routes.ts';

export function orderBatchRoutes(routes: CallerRoutes, api: Api): void {
  routes.post('/orders/batch', jsonBody({ mebibytes: 4 }), async (ctx) => {
    const asked = { state: ctx.state, isAsync: wantsNoVerdict(ctx) };
    const { status, body, shards = [] } = await placeBatch(api, asked, ctx.request.body);
    if (shards.length > 0) ctx.set('Cardstock-Batch-Shards', shards.join(', '));
    ctx.status = status;
    ctx.body = body;
  });
  routes.delete('/orders/batch', jsonBody(), async (ctx) => {
    ctx.body = (await cancelByList(api, ctx.state, listed(api, ctx))).body;
  });
  routes.put('/orders/batch', jsonBody(), async (ctx) => {
    ctx.body = (await amendByList(api, ctx.state, listed(api, ctx))).body;
  });
}

/** An operator says in the query whose orders the list names. */
function listed({ catalogue }: Api, ctx: CallerContext) {
  const { traderId } = readScope(catalogue, readQuery(ctx.querystring), undefined);
  return { traderId, body: ctx.request.body };
}
