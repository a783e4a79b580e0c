import { batched } from '../../core/batched.ts';
import { isPostgresAway } from '../../sql/postgres-away.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { InvalidToken } from '../http/errors.ts';
import type { Permission, Role } from './permissions.ts';
import { permissionsOf } from './permissions.ts';
import { findTokens, type TokenRow } from './queries/tokens.ts';

/** Whose request it is, found once; nothing behind `api/auth/` knows by which credentials. */
export type Caller = {
  /** The trader that acts. Null for staff, who name the trader that they act for or look at. */
  readonly traderId: number | null;
  readonly role: Role;
  /** What the credentials allow, which may be less than the role does. */
  readonly permissions: ReadonlySet<Permission>;
  /** Whether requests are counted against the limits. */
  readonly limits: 'usual' | 'none';
};

/** The caller that a bearer token stands for. Throws `InvalidToken` if it stands for none. */
export type FindCaller = (token: string) => Promise<Caller>;

const freshMs = 10_000;
const mostKept = 10_000;

type Known = { readonly caller: Caller; readonly expiresAt: number | null };
type Kept = { readonly known: Known; readonly askAgainAt: number };

/** Looks tokens up in the database, and keeps the answer for ten seconds, or for as long as the database is away. */
export function createFindCaller(pool: Queries): FindCaller {
  const find = batched((tokens: readonly string[]) => findTokens(pool, tokens));
  const kept = new Map<string, Kept>();
  const keep = (token: string, known: Known): Known => {
    if (kept.size >= mostKept) kept.delete(kept.keys().next().value!);
    kept.set(token, { known, askAgainAt: Date.now() + freshMs });
    return known;
  };
  const ask = async (token: string, before: Kept | undefined): Promise<Known | null> => {
    try {
      const row = await find(token);
      if (row) return keep(token, knownOf(row));
      kept.delete(token);
      return null;
    } catch (error) {
      if (!before || !isPostgresAway(error)) throw error;
      return keep(token, before.known);
    }
  };
  return async (token) => {
    const before = kept.get(token);
    const known = before && before.askAgainAt > Date.now() ? before.known : await ask(token, before);
    if (!known || (known.expiresAt !== null && known.expiresAt <= Date.now())) throw new InvalidToken();
    return known.caller;
  };
}

function knownOf({ traderId, expiresAt }: TokenRow): Known {
  return { caller: callerFor(traderId === null ? 'operator' : 'trader', traderId), expiresAt };
}

/** The caller of a role, with all that its role allows. */
export function callerFor(role: Role, traderId: number | null): Caller {
  return {
    traderId,
    role,
    permissions: permissionsOf[role],
    limits: role === 'operator' ? 'none' : 'usual',
  };
}
