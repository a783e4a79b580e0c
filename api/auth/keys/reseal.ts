import type { Sealing } from '../../../core/sealing.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { findSealedOtherwise, resealKey } from '../queries/keys.ts';

/** Seals every secret that another key than the newest seals, and returns how many there were. */
export async function reseal(pool: Queries, sealing: Sealing): Promise<number> {
  const rows = await findSealedOtherwise(pool, sealing.newest);
  for (const { keyId, key, secret, sealedWith } of rows) {
    const opened = sealing.unseal({ bytes: Buffer.from(secret, 'hex'), sealedWith }, key);
    await resealKey(pool, keyId, sealing.seal(opened, key));
  }
  return rows.length;
}
