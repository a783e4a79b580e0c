import type { Api } from '../api.ts';
import type { CallerHandler } from '../http/context.ts';
import { answerListed } from '../http/listed.ts';
import { readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { type Account, accountById, listAccounts, listHolds, listLedger } from './list.ts';
import { presentAccount, presentHold, presentLedgerEntry } from './presentation.ts';

export function accountRoutes(routes: CallerRoutes, api: Api): void {
  routes.get('/accounts', getAccounts(api));
  routes.get('/accounts/:id', getAccount(api));
  routes.get('/accounts/:id/ledger', getLedger(api));
  routes.get('/accounts/:id/holds', getHolds(api));
}

function getAccounts(api: Api): CallerHandler {
  return async (ctx) => {
    ctx.body = (await listAccounts(api, ctx.state, readQuery(ctx.querystring))).map(present);
  };
}

function getAccount(api: Api): CallerHandler {
  return async (ctx) => {
    ctx.body = present(await accountById(api, ctx.state, ctx.params.id!, readQuery(ctx.querystring)));
  };
}

function present({ traderId, currency, sums }: Account) {
  return presentAccount(traderId, currency, sums);
}

function getLedger(api: Api): CallerHandler {
  return async (ctx) => {
    const entries = await listLedger(api, ctx.state, ctx.params.id!, readQuery(ctx.querystring));
    answerListed(ctx, entries, ({ entry, currency }) => presentLedgerEntry(entry, currency));
  };
}

function getHolds(api: Api): CallerHandler {
  return async (ctx) => {
    const holds = await listHolds(api, ctx.state, ctx.params.id!, readQuery(ctx.querystring));
    answerListed(ctx, holds, ({ order, currency }) =>
      presentHold(order, currency, api.catalogue.product(order.productId)!.funding!),
    );
  };
}
