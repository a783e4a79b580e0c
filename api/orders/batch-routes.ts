import type { Api } from '../api.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { placeBatch } from './requests.ts';
import { wantsNoVerdict } from './routes.ts';

export function orderBatchRoutes(routes: CallerRoutes, api: Api): void {
  routes.post('/orders/batch', jsonBody({ mebibytes: 4 }), async (ctx) => {
    const asked = { state: ctx.state, isAsync: wantsNoVerdict(ctx) };
    const { status, body } = await placeBatch(api, asked, ctx.request.body);
    ctx.status = status;
    ctx.body = body;
  });
}
