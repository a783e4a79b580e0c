import type { Api } from './api.ts';
import type { Caller } from './callers.ts';
import { gather } from './gather.ts';
import { BadRequest, Unauthorized } from './http-errors.ts';
import type { Queries } from './impatient-pool.ts';
import { findTraders, loadTraders } from './queries/traders.ts';

/** The trader that a request is for: the token's own, or the one that an operator names. */
export function traderOf(caller: Caller, named: number | null | undefined): number {
  if (caller === 'operator') {
    if (named == null) throw new BadRequest("Invalid trader_id: required with an operator's token");
    return named;
  }
  if (named != null && named !== caller.traderId)
    throw new BadRequest('Invalid trader_id: the token belongs to another trader');
  return caller.traderId;
}

export function onlyOperators(caller: Caller): void {
  if (caller !== 'operator') throw new Unauthorized("An operator's token is required");
}

/** Only an operator can name a trader that there is not. */
export async function refuseUnknownTrader(
  { knownTraders }: Api,
  caller: Caller,
  traderId: number,
  field = 'trader_id',
): Promise<void> {
  if (caller !== 'operator' || (await knownTraders(traderId))) return;
  throw new BadRequest(`Invalid ${field}: there is no trader ${traderId}`);
}

/** Whether there is such a trader. */
export type KnownTraders = (traderId: number) => Promise<boolean>;

const mostAtStart = 100_000;

/** Traders never go, so one that was seen is known for good, also while the database is away. */
export async function loadKnownTraders(pool: Queries): Promise<KnownTraders> {
  const known = new Set(await loadTraders(pool, mostAtStart));
  const find = gather((traderIds: readonly number[]) => findTraders(pool, traderIds));
  return async (traderId) => {
    if (known.has(traderId)) return true;
    const exists = await find(traderId);
    if (exists) known.add(traderId);
    return exists;
  };
}
