import type { Api } from '../api.ts';
import { findTrader } from '../auth/queries/traders.ts';
import { refuseUnknownTrader, traderOf } from '../auth/traders.ts';
import { readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { presentProfile } from './trader-presentation.ts';

/** A trader has one profile, which is the trader. */
export function profileRoutes(routes: CallerRoutes, api: Api): void {
  routes.get('/profiles', async (ctx) => {
    const scope = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    const traderId = traderOf(ctx.state.caller, scope.traderId);
    await refuseUnknownTrader(api, ctx.state.caller, traderId);
    ctx.body = [presentProfile(await findTrader(api.readsOf(traderId), traderId))];
  });
}
