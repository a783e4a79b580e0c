import type { Api } from '../api.ts';
import { refuseUnknownTrader, traderOf } from '../auth/traders.ts';
import type { CallerHandler } from '../http/context.ts';
import { setCursors } from '../http/cursors.ts';
import { readPage, readPeriod, readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { setCoverage } from '../orders/coverage.ts';
import type { FundedCurrency } from '../products/catalogue.ts';
import { accountOf } from './own-account.ts';
import { presentAccount, presentHold, presentLedgerEntry } from './presentation.ts';
import { findAccounts } from './queries/accounts.ts';
import { findHoldingOrders } from './queries/holds.ts';
import { findLedger } from './queries/ledger.ts';

export function accountRoutes(routes: CallerRoutes, api: Api): void {
  routes.get('/accounts', getAccounts(api));
  routes.get('/accounts/:id', getAccount(api));
  routes.get('/accounts/:id/ledger', getLedger(api));
  routes.get('/accounts/:id/holds', getHolds(api));
}

function getAccounts(api: Api): CallerHandler {
  return async (ctx) => {
    const scope = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    const traderId = traderOf(ctx.state.caller, scope.traderId);
    await refuseUnknownTrader(api, ctx.state.caller, traderId);
    await api.shards.visibleTo(traderId);
    ctx.body = await accountsIn(api, traderId, api.catalogue.fundedCurrencies());
  };
}

function getAccount(api: Api): CallerHandler {
  return async (ctx) => {
    const { traderId, currency } = await accountOf(api, ctx);
    await api.shards.visibleTo(traderId);
    [ctx.body] = await accountsIn(api, traderId, [currency]);
  };
}

/** A trader has an account in each currency, also before it is used. */
async function accountsIn({ readsOf }: Api, traderId: number, currencies: readonly FundedCurrency[]) {
  const rows = new Map((await findAccounts(readsOf(traderId), traderId)).map((row) => [row.currency, row]));
  return currencies.map((currency) =>
    presentAccount(traderId, currency, rows.get(currency.currency) ?? { balance: 0n, hold: 0n }),
  );
}

function getLedger(api: Api): CallerHandler {
  return async (ctx) => {
    const { traderId, currency } = await accountOf(api, ctx);
    const query = readQuery(ctx.querystring);
    const filter = { ...readPage(query), ...readPeriod(query), traderId, currency: currency.currency };
    await api.shards.visibleTo(traderId);
    const entries = await findLedger(api.readsOf(traderId), filter);
    setCursors(ctx, entries, ({ id }) => id);
    await setCoverage(api, ctx, null);
    ctx.body = entries.map((entry) => presentLedgerEntry(entry, currency));
  };
}

function getHolds(api: Api): CallerHandler {
  return async (ctx) => {
    const { traderId, currency } = await accountOf(api, ctx);
    const filter = { ...readPage(readQuery(ctx.querystring)), traderId, ...payingWith(api, currency) };
    await api.shards.visibleTo(traderId);
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
