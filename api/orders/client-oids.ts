import { batched } from '../../core/batched.ts';
import type { Log } from '../../core/log.ts';
import { isPostgresAway } from '../../sql/postgres-away.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { findClientOids, type OwnedOid } from './queries/client-oids.ts';

/** The order that PostgreSQL remembers for a client order id; null if none, and while it is away. */
export type FindClientOid = (oid: OwnedOid) => Promise<number | null>;

/** How often a database that was away is asked again. */
const retryMs = 1_000;

/**
 * PostgreSQL remembers client order ids for ever, Redis for a window in which it catches every repeat by itself.
 * So orders go on without PostgreSQL, and only a repeat from before the window could then be taken for a new order.
 */
export function createFindClientOid(pool: Queries, log: Log): FindClientOid {
  const find = batched((oids: readonly OwnedOid[]) => findClientOids(pool, oids));
  let isAway = false;
  let askAgainAt = 0;
  const lose = (error: unknown): null => {
    if (!isPostgresAway(error)) throw error;
    if (!isAway) log.warn({ error: String(error) }, 'only Redis knows client order ids now');
    isAway = true;
    askAgainAt = Date.now() + retryMs;
    return null;
  };
  // Nobody waits for a database that was away: an order only finds out that it is back.
  const askAgain = async (oid: OwnedOid): Promise<void> => {
    if (Date.now() < askAgainAt) return;
    askAgainAt = Number.POSITIVE_INFINITY;
    await find(oid).then(() => {
      isAway = false;
    }, lose);
  };
  return async (oid) => {
    if (!isAway) return find(oid).catch(lose);
    void askAgain(oid);
    return null;
  };
}
