import { randomBytes } from 'node:crypto';
import type { Sealing } from '../../../core/sealing.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { hashPassword } from '../hashing.ts';
import { insertKey, type KeyRow, type NewKey } from '../queries/keys.ts';

/** What its holder signs with. It is shown once. */
export type KeySecrets = { readonly secret: string; readonly passphrase: string };

/** As many keys an owner may have that are not revoked. */
export const mostKeys = 100;

/** Draws a key by chance and stores it. Null if the owner has as many as it may have. */
export async function createKey(
  pool: Queries,
  sealing: Sealing,
  given: Omit<NewKey, 'key' | 'secret' | 'passphrase'>,
): Promise<(KeySecrets & { row: KeyRow }) | null> {
  const key = randomBytes(16).toString('hex');
  const secret = randomBytes(64);
  const passphrase = randomBytes(12).toString('base64url');
  const stored = {
    ...given,
    key,
    secret: sealing.seal(secret, key),
    passphrase: await hashPassword(passphrase),
  };
  const row = await insertKey(pool, stored, mostKeys);
  return row && { row, secret: secret.toString('base64'), passphrase };
}
