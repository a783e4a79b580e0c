import type { Api } from '../api.ts';
import { answerListed } from '../http/listed.ts';
import { readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { listFills } from './list.ts';
import { presentFill } from './presentation.ts';

export function fillRoutes(routes: CallerRoutes, api: Api): void {
  routes.get('/fills', async (ctx) => {
    const fills = await listFills(api, ctx.state, readQuery(ctx.querystring));
    answerListed(ctx, fills, ({ fill, traderId, product }) => presentFill(fill, traderId, product));
  });
}
