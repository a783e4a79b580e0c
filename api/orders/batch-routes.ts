import type { Api } from '../api.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { acceptBatch, batchOutcomes, readBatch } from './batch.ts';
import { isTaken } from './place.ts';
import { wantsNoVerdict } from './routes.ts';

export function orderBatchRoutes(routes: CallerRoutes, api: Api): void {
  routes.post('/orders/batch', jsonBody({ mebibytes: 4 }), async (ctx) => {
    const orders = await readBatch(api, ctx.state, ctx.request.body);
    const taken = await acceptBatch(api, orders);
    if (wantsNoVerdict(ctx)) {
      const fresh = taken.filter(isTaken).filter(({ repeated }) => !repeated);
      ctx.status = 202;
      ctx.body = { first_id: fresh.length > 0 ? String(fresh[0]!.sequence) : null, count: fresh.length };
    } else {
      ctx.body = await batchOutcomes(api, orders, taken);
    }
  });
}
