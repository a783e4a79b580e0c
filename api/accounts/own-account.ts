import { feesName, feesTrader } from '../../core/accounts.ts';
import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import { NotFound } from '../errors.ts';
import type { CallerContext, CallerState } from '../http/context.ts';
import { type Query, readQuery } from '../http/query.ts';
import { readScope } from '../http/scope.ts';
import type { FundedCurrency } from '../products/catalogue.ts';

type OwnAccount = { readonly traderId: number; readonly currency: FundedCurrency };

/** The account that a path names, which is the caller's own, or any for staff. Throws `NotFound` if it is not. */
export function accountOf(api: Api, ctx: CallerContext): Promise<OwnAccount> {
  return accountNamed(api, ctx.state, ctx.params.id!, readQuery(ctx.querystring));
}

/** The same by its id, whichever way that came. */
export async function accountNamed(
  api: Api,
  { caller }: Pick<CallerState, 'caller'>,
  id: string,
  query: Query,
): Promise<OwnAccount> {
  const [, trader, code] = /^([1-9][0-9]{0,9}|fees)-([A-Z0-9]{1,16})$/.exec(id) ?? [];
  const { traderId: named } = readScope(api.catalogue, query, undefined);
  const meant = trader === feesName ? feesTrader : Number(trader);
  const owner = caller.traderId === null ? (named ?? meant) : traderOf(caller, named);
  const currency = api.catalogue.fundedCurrency(code ?? '');
  if (!currency || owner !== meant || owner >= 2 ** 31) throw new NotFound();
  const isKnown = owner === feesTrader || caller.traderId !== null || (await api.knownTraders.has(owner));
  if (!isKnown) throw new NotFound();
  return { traderId: owner, currency };
}
