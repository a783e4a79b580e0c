import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** What the database keeps of a bearer token. */
export function tokenDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Issues a bearer token for a trader, or an operator's. It cannot be shown again. */
export async function issueToken(
  databaseUrl: string,
  owner: { traderId: number } | 'operator',
): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  const traderId = owner === 'operator' ? null : owner.traderId;
  const client = new Client(databaseUrl);
  await client.connect();
  try {
    await client.query('insert into tokens (sha256, trader_id, operator) values ($1, $2, $3)', [
      tokenDigest(token),
      traderId,
      traderId === null,
    ]);
  } finally {
    await client.end();
  }
  return token;
}
