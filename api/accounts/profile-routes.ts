import type { Middleware } from 'koa';
import type { Api } from '../api.ts';
import { findTrader } from '../auth/queries/traders.ts';
import { refuseUnknownTrader, traderOf } from '../auth/traders.ts';
import type { ApiRouter, State } from '../http/context.ts';
import { readQuery } from '../http/query.ts';
import { readScope } from '../http/scope.ts';
import { presentProfile } from './trader-presentation.ts';

/** A trader has one profile, which is the trader. */
export function profileRoutes(router: ApiRouter, api: Api, authenticate: Middleware<State>): void {
  router.get('/profiles', authenticate, async (ctx) => {
    const scope = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    const traderId = traderOf(ctx.state.caller, scope.traderId);
    await refuseUnknownTrader(api, ctx.state.caller, traderId);
    ctx.body = [presentProfile(await findTrader(api.pool, traderId))];
  });
}
