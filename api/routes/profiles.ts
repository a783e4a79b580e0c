import type { Middleware } from 'koa';
import type { Api } from '../api.ts';
import type { ApiRouter, State } from '../context.ts';
import { readQuery } from '../input/query.ts';
import { readScope } from '../input/scope.ts';
import { presentProfile } from '../present/traders.ts';
import { findTrader } from '../queries/traders.ts';
import { refuseUnknownTrader, traderOf } from '../traders.ts';

/** A trader has one profile, which is the trader. */
export function profileRoutes(router: ApiRouter, api: Api, authenticate: Middleware<State>): void {
  router.get('/profiles', authenticate, async (ctx) => {
    const scope = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    const traderId = traderOf(ctx.state.caller, scope.traderId);
    await refuseUnknownTrader(api, ctx.state.caller, traderId);
    ctx.body = [presentProfile(await findTrader(api.pool, traderId))];
  });
}
