import type { Api } from '../api.ts';
import type { CallerHandler } from '../http/context.ts';
import { setCursors } from '../http/cursors.ts';
import { answerListed } from '../http/listed.ts';
import { readPage, readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { setShardsAway } from '../http/shards-away.ts';
import type { FundedCurrency } from '../products/catalogue.ts';
import { type Account, accountById, listAccounts, listLedger } from './list.ts';
import { accountOf } from './own-account.ts';
import { presentAccount, presentHold, presentLedgerEntry } from './presentation.ts';
import { findHoldingOrders } from './queries/holds.ts';

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
    const { traderId, currency } = await accountOf(api, ctx);
    const filter = { ...readPage(readQuery(ctx.querystring)), traderId, ...payingWith(api, currency) };
    setShardsAway(ctx, await api.shards.visibleTo(traderId));
    const orders = await findHoldingOrders(api.readsOf(traderId), filter);
    await api.catalogue.knowing(orders.map(({ productId }) => productId));
    setCursors(ctx, orders, ({ orderId }) => orderId);
    ctx.body = orders.map((order) =>
      presentHold(order, currency, api.catalogue.product(order.productId)!.funding!),
    );
  };
}

/** The funded products that are bought with a currency, and those that sell it. */
function payingWith({ catalogue }: Api, { currency }: FundedCurrency) {
  const idsWhere = (pays: 'quoteCurrency' | 'baseCurrency'): string[] =>
    catalogue
      .products()
      .filter(({ funding }) => funding?.[pays] === currency)
      .map(({ productId }) => productId);
  return { bought: idsWhere('quoteCurrency'), sold: idsWhere('baseCurrency') };
}
