import { sql } from 'slonik';
import { z } from 'zod';
import { tokenDigest } from '../../../sql/tokens.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { permissions, roles } from '../permissions.ts';

const row = z.object({
  digest: z.string(),
  tokenId: z.number(),
  traderId: z.number().nullable(),
  role: z.enum(roles),
  permissions: z.array(z.enum(permissions)).nullable(),
  personId: z.number().nullable(),
  expiresAt: z.number().nullable(),
});

export type TokenRow = z.output<typeof row>;

/** The rows of tokens that exist, in the order asked; null for one that does not. Expired ones are included. */
export async function findTokens(pool: Queries, tokens: readonly string[]): Promise<(TokenRow | null)[]> {
  const digests = tokens.map(tokenDigest);
  const rows = await pool.any(sql.type(row)`
    select encode(sha256, 'hex') as digest, token_id as "tokenId", trader_id as "traderId", role,
      permissions::text[] as permissions, person_id as "personId",
      (extract(epoch from expires_at) * 1000)::bigint as "expiresAt"
    from tokens
    where sha256 = any(${sql.array(digests, 'bytea')})`);
  const byDigest = new Map(rows.map((found) => [found.digest, found]));
  return digests.map((digest) => byDigest.get(digest.toString('hex')) ?? null);
}
