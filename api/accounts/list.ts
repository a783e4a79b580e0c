import type { Queries } from '../../sql/with-timeout.ts';
import type { Api } from '../api.ts';
import { refuseUnknownTrader, traderOf } from '../auth/traders.ts';
import type { CallerState } from '../http/context.ts';
import { type Listed, listed } from '../http/listed.ts';
import { readMerged } from '../http/merged-list.ts';
import { type Query, readMergedPage, readPeriod } from '../http/query.ts';
import { readScope } from '../http/scope.ts';
import { coversFrom } from '../orders/coverage.ts';
import type { FundedCurrency } from '../products/catalogue.ts';
import { holdsOf } from './holds.ts';
import { ledgerOf } from './ledger.ts';
import { accountNamed } from './own-account.ts';
import { type AccountRow, findAccounts } from './queries/accounts.ts';
import type { HoldingOrder } from './queries/holds.ts';
import type { Posting } from './queries/ledger.ts';

type By = Pick<CallerState, 'caller'>;

/** A trader's account in a currency, which it has also before it is used. */
export type Account = {
  readonly traderId: number;
  readonly currency: FundedCurrency;
  readonly sums: Pick<AccountRow, 'balance' | 'hold'>;
};

/** All accounts of a trader. */
export async function listAccounts(api: Api, { caller }: By, query: Query): Promise<Account[]> {
  const traderId = traderOf(caller, readScope(api.catalogue, query, undefined).traderId);
  await refuseUnknownTrader(api, caller, traderId);
  const { reached } = await api.shards.visibleInAll(traderId);
  return accountsIn(api.readsOf(traderId, reached), traderId, api.catalogue.fundedCurrencies());
}

export async function accountById(api: Api, by: By, id: string, query: Query): Promise<Account> {
  const { traderId, currency } = await accountNamed(api, by, id, query);
  const { reached } = await api.shards.visibleInAll(traderId);
  const [account] = await accountsIn(api.readsOf(traderId, reached), traderId, [currency]);
  return account!;
}

async function accountsIn(
  reads: Queries,
  traderId: number,
  currencies: readonly FundedCurrency[],
): Promise<Account[]> {
  const rows = new Map((await findAccounts(reads, traderId)).map((row) => [row.currency, row]));
  return currencies.map((currency) => {
    const sums = rows.get(currency.currency) ?? { balance: 0n, hold: 0n };
    return { traderId, currency, sums };
  });
}

export type LedgerEntry = { readonly entry: Posting; readonly currency: FundedCurrency };

/** A page of what changed an account. */
export async function listLedger(api: Api, by: By, id: string, query: Query): Promise<Listed<LedgerEntry>> {
  const { traderId, currency } = await accountNamed(api, by, id, query);
  const page = readMergedPage(query);
  const filter = { ...readPeriod(query), traderId, currency: currency.currency };
  const { away: shardsAway, reached } = await api.shards.visibleTo(traderId);
  const list = ledgerOf(api.readsOf(traderId, reached), filter);
  const { rows, cursorOf } = await readMerged(list, page, api.shards.numbers());
  const entries = rows.map((entry) => ({ entry, currency }));
  const beside = { shardsAway, coversFrom: await coversFrom(api, null) };
  return listed(entries, ({ entry }) => cursorOf(entry), beside);
}

export type Hold = { readonly order: HoldingOrder; readonly currency: FundedCurrency };

/** A page of what holds an account's money, whose products the catalogue knows. */
export async function listHolds(api: Api, by: By, id: string, query: Query): Promise<Listed<Hold>> {
  const { traderId, currency } = await accountNamed(api, by, id, query);
  const page = readMergedPage(query);
  const { away: shardsAway, reached } = await api.shards.visibleTo(traderId);
  const list = holdsOf(api.readsOf(traderId, reached), { traderId, ...payingWith(api, currency) });
  const { rows, cursorOf } = await readMerged(list, page, api.shards.numbers());
  await api.catalogue.knowing(rows.map(({ productId }) => productId));
  const holds = rows.map((order) => ({ order, currency }));
  return listed(holds, ({ order }) => cursorOf(order), { shardsAway });
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
