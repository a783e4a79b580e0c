import type { KeyRow } from '../queries/keys.ts';
import type { KeySecrets } from './create-key.ts';

const iso = (time: number): string => new Date(time).toISOString();

export function presentKey(row: KeyRow) {
  return {
    id: String(row.keyId),
    key: row.key,
    label: row.label,
    role: row.role,
    ...(row.traderId === null ? {} : { trader_id: String(row.traderId) }),
    permissions: row.permissions,
    allowed_addresses: row.allowedAddresses,
    created_at: iso(row.createdAt),
    expires_at: row.expiresAt === null ? null : iso(row.expiresAt),
    last_used_at: row.lastUsedAt === null ? null : iso(row.lastUsedAt),
  };
}

/** With what is shown once. */
export function presentNewKey({ row, secret, passphrase }: KeySecrets & { row: KeyRow }) {
  return { ...presentKey(row), secret, passphrase };
}
