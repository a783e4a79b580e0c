import type { Middleware } from 'koa';
import type { Api } from '../api.ts';
import type { ApiRouter, State } from '../context.ts';
import { readQuery } from '../input/query.ts';
import { readScope } from '../input/scope.ts';
import { presentPosition } from '../present/traders.ts';
import { findPositions } from '../queries/positions.ts';
import { refuseUnknownTrader, traderOf } from '../traders.ts';

export function positionRoutes(router: ApiRouter, api: Api, authenticate: Middleware<State>): void {
  router.get('/positions', authenticate, async (ctx) => {
    const scope = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    const traderId = traderOf(ctx.state.caller, scope.traderId);
    await refuseUnknownTrader(api, ctx.state.caller, traderId);
    await api.shards.visibleTo(traderId);
    const positions = await findPositions(api.pool, traderId);
    ctx.body = positions.map((position) =>
      presentPosition(position, api.catalogue.product(position.productId)!),
    );
  });
}
