import type { Queries } from '../../sql/with-timeout.ts';
import { InvalidToken } from '../errors.ts';
import { type Caller, callerFor } from './caller.ts';
import type { Changes } from './changes.ts';
import { keepCredentials } from './kept.ts';
import { findTokens, type TokenRow } from './queries/tokens.ts';

type KnownToken = {
  readonly caller: Caller;
  readonly tokenId: number;
  readonly personId: number | null;
  readonly digest: string;
  readonly expiresAt: number | null;
};

/** The token's row, as it is kept in memory. Throws `InvalidToken` if there is none. */
export type FindToken = (token: string) => Promise<KnownToken>;

export function createFindToken({
  pool,
  changes,
}: {
  pool: Queries;
  changes: Pick<Changes, 'isHearing' | 'follow'>;
}): FindToken {
  const load = async (tokens: readonly string[]): Promise<(KnownToken | null)[]> => {
    const rows = await findTokens(pool, tokens);
    return rows.map((row) => row && knownToken(row));
  };
  const find = keepCredentials({ load, nameOf: (_, { digest }) => digest, kind: 'token', changes });
  return async (token) => {
    const known = await find(token);
    if (!known || (known.expiresAt !== null && known.expiresAt <= Date.now())) throw new InvalidToken();
    return known;
  };
}

/** A session that a key logged in for may do what the key may. */
function knownToken({ role, traderId, permissions, ...row }: TokenRow): KnownToken {
  const caller = callerFor(role, traderId);
  return { ...row, caller: permissions ? { ...caller, permissions: new Set(permissions) } : caller };
}
