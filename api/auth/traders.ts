import { feesTrader } from '../../core/accounts.ts';
import { batched } from '../../core/batched.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { BadRequest } from '../errors.ts';
import type { Caller } from './caller.ts';
import { findTraders, loadTraders } from './queries/traders.ts';

/** The trader that a request is for: the caller's own, or the one that an operator or auditor names. */
export function traderOf(caller: Caller, named: number | null | undefined): number {
  if (caller.traderId === null) {
    if (named == null) throw new BadRequest(`Invalid trader_id: required with an ${caller.role}'s token`);
    return named;
  }
  if (named != null && named !== caller.traderId)
    throw new BadRequest('Invalid trader_id: the token belongs to another trader');
  return caller.traderId;
}

type Knowing = { readonly knownTraders: KnownTraders };

/** Only staff can name a trader that there is not. */
export async function refuseUnknownTrader(
  { knownTraders }: Knowing,
  caller: Caller,
  traderId: number,
  field = 'trader_id',
): Promise<void> {
  if (caller.traderId !== null || traderId === feesTrader || knownTraders.hasSeen(traderId)) return;
  if (!(await knownTraders.has(traderId))) throw unknownTrader(traderId, field);
}

/** The first of them that there is not, by its place in the list; -1 if there are all. */
export async function firstUnknownTrader(
  { knownTraders }: Knowing,
  caller: Caller,
  traderIds: readonly number[],
): Promise<number> {
  if (caller.traderId !== null || traderIds.every(knownTraders.hasSeen)) return -1;
  const known = await Promise.all(traderIds.map(knownTraders.has));
  return known.indexOf(false);
}

export function unknownTrader(traderId: number, field = 'trader_id'): BadRequest {
  return new BadRequest(`Invalid ${field}: there is no trader ${traderId}`);
}

export type KnownTraders = {
  /** Whether there is such a trader. */
  readonly has: (traderId: number) => Promise<boolean>;
  /** Whether it was seen before; if not, there may be one all the same. */
  readonly hasSeen: (traderId: number) => boolean;
};

const mostAtStart = 100_000;

/** Traders never go, so one that was seen is known for good, also while the database is away. */
export async function loadKnownTraders(pool: Queries): Promise<KnownTraders> {
  const known = new Set(await loadTraders(pool, mostAtStart));
  const find = batched((traderIds: readonly number[]) => findTraders(pool, traderIds));
  return {
    hasSeen: (traderId) => known.has(traderId),
    has: async (traderId) => {
      if (known.has(traderId)) return true;
      const exists = await find(traderId);
      if (exists) known.add(traderId);
      return exists;
    },
  };
}
