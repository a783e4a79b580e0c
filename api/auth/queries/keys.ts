import { sql } from 'slonik';
import { z } from 'zod';
import type { Sealed } from '../../../core/sealing.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { type Permission, permissions, type Role, roles } from '../permissions.ts';

const shown = {
  keyId: z.number(),
  key: z.string(),
  role: z.enum(roles),
  traderId: z.number().nullable(),
  label: z.string(),
  permissions: z.array(z.enum(permissions)),
  allowedAddresses: z.array(z.string()),
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
};
const keyRow = z.object(shown);
const secretRow = z.object({
  ...shown,
  secret: z.string(),
  sealedWith: z.string(),
  passphrase: z.string(),
});

/** A key as it may be shown. */
export type KeyRow = z.output<typeof keyRow>;
/** With what it takes to verify a signature; the sealed secret in hex. */
export type SecretKeyRow = z.output<typeof secretRow>;

const shownColumns = sql.fragment`key_id as "keyId", key, role, trader_id as "traderId", label,
  permissions::text[] as permissions, allowed_addresses::text[] as "allowedAddresses",
  (extract(epoch from created_at) * 1000)::bigint as "createdAt",
  (extract(epoch from expires_at) * 1000)::bigint as "expiresAt",
  (extract(epoch from last_used_at) * 1000)::bigint as "lastUsedAt"`;

/** The rows of keys that are not revoked, in the order asked; null for one that there is not. Expired ones are included. */
export async function findKeys(pool: Queries, keys: readonly string[]): Promise<(SecretKeyRow | null)[]> {
  const rows = await pool.any(sql.type(secretRow)`
    select ${shownColumns}, encode(secret, 'hex') as secret, sealed_with as "sealedWith", passphrase
    from api_keys
    where key = any(${sql.array([...keys], 'text')}) and revoked_at is null`);
  const byKey = new Map(rows.map((found) => [found.key, found]));
  return keys.map((key) => byKey.get(key) ?? null);
}

/** Whose keys: a trader's, or those of staff. */
export type KeyOwner = { readonly role: Role; readonly traderId: number | null };

export type NewKey = KeyOwner & {
  readonly key: string;
  readonly label: string;
  readonly permissions: readonly Permission[];
  readonly allowedAddresses: readonly string[];
  readonly expiresAt: string | null;
  readonly secret: Sealed;
  readonly passphrase: string;
};

/** Null if the owner has as many keys as it may have. */
export async function insertKey(pool: Queries, key: NewKey, mostKeys: number): Promise<KeyRow | null> {
  return pool.maybeOne(sql.type(keyRow)`
    insert into api_keys (key, role, trader_id, label, permissions, allowed_addresses, secret, sealed_with, passphrase,
      expires_at)
    select ${key.key}, ${key.role}, ${key.traderId}, ${key.label},
      ${sql.array([...key.permissions], 'text')}::permission[], ${sql.array([...key.allowedAddresses], 'text')}::inet[],
      ${sql.binary(key.secret.bytes)}, ${key.secret.sealedWith}, ${key.passphrase}, ${key.expiresAt}::timestamptz
    where (select count(*) from api_keys where ${ownedBy(key)} and revoked_at is null) < ${mostKeys}
    returning ${shownColumns}`);
}

export async function listKeys(pool: Queries, owner: KeyOwner): Promise<readonly KeyRow[]> {
  return pool.any(sql.type(keyRow)`
    select ${shownColumns} from api_keys
    where ${ownedBy(owner)} and revoked_at is null
    order by key_id desc limit 1000`);
}

/** Also one that is revoked; null if there is none. */
export async function findKeyByName(pool: Queries, key: string): Promise<KeyRow | null> {
  return pool.maybeOne(sql.type(keyRow)`select ${shownColumns} from api_keys where key = ${key}`);
}

/** The key, or null if the owner has no such key. */
export async function revokeKey(pool: Queries, keyId: number, owner: KeyOwner): Promise<KeyRow | null> {
  return pool.maybeOne(sql.type(keyRow)`
    update api_keys set revoked_at = now()
    where key_id = ${keyId} and revoked_at is null and ${ownedBy(owner)}
    returning ${shownColumns}`);
}

/** Staff keep their keys in common. */
function ownedBy({ role, traderId }: KeyOwner) {
  return role === 'trader'
    ? sql.fragment`trader_id = ${traderId}`
    : sql.fragment`role = ${role} and trader_id is null`;
}
