import type { Api } from '../api.ts';
import { refuseUnknownTrader, traderOf } from '../auth/traders.ts';
import { readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { findPositions } from './queries/positions.ts';
import { presentPosition } from './trader-presentation.ts';

export function positionRoutes(routes: CallerRoutes, api: Api): void {
  routes.get('/positions', async (ctx) => {
    const scope = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    const traderId = traderOf(ctx.state.caller, scope.traderId);
    await refuseUnknownTrader(api, ctx.state.caller, traderId);
    const { reached } = await api.shards.visibleInAll(traderId);
    const positions = await findPositions(api.readsOf(traderId, reached), traderId);
    await api.catalogue.knowing(positions.map(({ productId }) => productId));
    ctx.body = positions.map((position) =>
      presentPosition(position, api.catalogue.product(position.productId)!),
    );
  });
}
