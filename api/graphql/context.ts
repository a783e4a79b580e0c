import type DataLoader from 'dataloader';
import type { Api } from '../api.ts';
import { refuseUnlessAllowed } from '../auth/authorize.ts';
import type { Claimant } from '../auth/callers.ts';
import { accessOf, type RouteName } from '../auth/permissions.ts';
import { Unauthorized } from '../errors.ts';
import type { FillRow } from '../fills/queries/fills.ts';
import type { CallerState } from '../http/context.ts';
import type { OrderRecord } from '../orders/record.ts';

/** What came in. */
export type Operation = {
  readonly requestId: string;
  readonly address: string;
  readonly claim: () => Promise<Claimant | null>;
};

/** What the resolvers of one operation work with. */
export type Context = {
  readonly api: Api;
  readonly requestId: string;
  /** Whose operation it is; null if it shows no credentials. Throws `Unauthorized` for those of nobody. */
  readonly claim: () => Promise<Claimant | null>;
  /** Throws `Unauthorized` once what was shown is not valid any more. */
  readonly recheck: () => Promise<void>;
  /** By order: its fills, newest first. */
  readonly fillsOf: DataLoader<OrderRecord, readonly FillRow[], number>;
};

/**
 * For fields that stand for a route which is not for everybody: whose it may be, and how often, is that route's. `orders` are
 * counted as those of a batch.
 */
export async function stateFor(context: Context, route: RouteName, orders = 1): Promise<CallerState> {
  const claim = await context.claim();
  if (!claim) throw new Unauthorized('A bearer token, a signature or a session is required');
  const access = accessOf[route];
  if (access !== 'everybody') refuseUnlessAllowed(claim.caller, access);
  await context.api.limits.countCaller(route, claim, orders);
  return { caller: claim.caller, requestId: context.requestId };
}
