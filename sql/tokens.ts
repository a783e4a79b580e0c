import { createHash, randomBytes } from 'node:crypto';
import { withPostgres } from './with-postgres.ts';

/** What the database keeps of a bearer token. */
export function tokenDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Whose token it is: a trader's, or staff's. */
export type Owner = { readonly traderId: number } | 'operator' | 'auditor';

/** A bearer token, and nothing but chance. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Issues a bearer token for a trader or for staff. It cannot be shown again. */
export async function issueToken(databaseUrl: string, owner: Owner): Promise<string> {
  const token = newToken();
  const [role, traderId] = typeof owner === 'string' ? [owner, null] : ['trader', owner.traderId];
  await withPostgres(databaseUrl, (client) =>
    client.query('insert into tokens (sha256, role, trader_id) values ($1, $2, $3)', [
      tokenDigest(token),
      role,
      traderId,
    ]),
  );
  return token;
}
