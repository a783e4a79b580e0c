import { batched } from '../../core/batched.ts';
import { isPostgresAway } from '../../sql/postgres-away.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { InvalidToken } from '../http/errors.ts';
import { findTokens, type TokenRow } from './queries/tokens.ts';

/** Whose token a request carries: a trader's, or an operator's, who acts for any trader it names. */
export type Caller = { readonly traderId: number } | 'operator';

/** The caller that a bearer token stands for. Throws `InvalidToken` if it stands for none. */
export type FindCaller = (token: string) => Promise<Caller>;

const freshMs = 10_000;
const mostKept = 10_000;

type Kept = { readonly row: TokenRow; readonly askAgainAt: number };

/** Looks tokens up in the database, and keeps the answer for ten seconds, or for as long as the database is away. */
export function createFindCaller(pool: Queries): FindCaller {
  const find = batched((tokens: readonly string[]) => findTokens(pool, tokens));
  const kept = new Map<string, Kept>();
  const keep = (token: string, row: TokenRow): TokenRow => {
    if (kept.size >= mostKept) kept.delete(kept.keys().next().value!);
    kept.set(token, { row, askAgainAt: Date.now() + freshMs });
    return row;
  };
  const ask = async (token: string, known: Kept | undefined): Promise<TokenRow | null> => {
    try {
      const row = await find(token);
      if (row) return keep(token, row);
      kept.delete(token);
      return null;
    } catch (error) {
      if (!known || !isPostgresAway(error)) throw error;
      return keep(token, known.row);
    }
  };
  return async (token) => {
    const known = kept.get(token);
    const row = known && known.askAgainAt > Date.now() ? known.row : await ask(token, known);
    if (!row || (row.expiresAt !== null && row.expiresAt <= Date.now())) throw new InvalidToken();
    return row.traderId === null ? 'operator' : { traderId: row.traderId };
  };
}
