import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type { Log } from '../../../core/log.ts';
import type { Sealing } from '../../../core/sealing.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { Unauthorized, UnreadableSecret } from '../../errors.ts';
import type { Caller } from '../caller.ts';
import type { Changes } from '../changes.ts';
import { isPassword } from '../hashing.ts';
import { keepCredentials } from '../kept.ts';
import { findKeys, type SecretKeyRow } from '../queries/keys.ts';
import { refuseStale, type Signature, type Signed } from './signed-request.ts';

/** A key as it is kept in memory. */
type KnownKey = {
  readonly row: SecretKeyRow;
  readonly caller: Caller;
  /** Null if the server cannot read it. */
  readonly secret: KeyObject | null;
  /** Null if every address may use it. */
  readonly addresses: BlockList | null;
  readonly passphrase: Passphrase;
};

/** What was found to be a passphrase, and what was last found not to be, as digests; argon2 takes 18 ms. */
type Passphrase = {
  readonly stored: string;
  right: string | null;
  wrong: string | null;
  judging: Promise<boolean> | null;
};

/** A key that may be used now from where it is; whether the request is its own is still to be seen. */
export type FoundKey = Pick<KnownKey, 'caller'> & {
  readonly keyId: number;
  /** Throws `Unauthorized` unless signature and passphrase are the key's. */
  readonly verify: (body: string) => Promise<void> | void;
};

export type FindKey = (
  signature: Signature,
  signed: Signed,
  address: string | undefined,
) => Promise<FoundKey>;

type Parts = {
  readonly pool: Queries;
  readonly changes: Changes;
  readonly sealing: Sealing | null;
  readonly log: Log;
  readonly onUse: (keyId: number) => void;
};

export function createFindKey({ pool, changes, sealing, log, onUse }: Parts): FindKey {
  const passphraseOf = keepPassphrases();
  const load = async (keys: readonly string[]): Promise<(KnownKey | null)[]> => {
    const rows = await findKeys(pool, keys);
    return rows.map((row) => row && knownKey(row, secretOf(row, sealing, log), passphraseOf(row.passphrase)));
  };
  const find = keepCredentials({ load, nameOf: (key) => key, kind: 'key', changes });
  return async (signature, signed, address) => {
    refuseStale(signature);
    const known = /^[0-9a-f]{32}$/.test(signature.key) ? await find(signature.key) : null;
    if (!known || (known.row.expiresAt !== null && known.row.expiresAt <= Date.now()))
      throw new Unauthorized('Invalid API Key');
    const { secret } = known;
    if (!secret) throw new UnreadableSecret('the secret of this API key');
    if (known.addresses && !mayComeFrom(known.addresses, address))
      throw new Unauthorized('IP does not match IP whitelist');
    return {
      caller: known.caller,
      keyId: known.row.keyId,
      verify: (body) => {
        if (!isSignedBy(secret, signature, signed, body)) throw new Unauthorized('invalid signature');
        onUse(known.row.keyId);
        // The signature took the secret, so only its holder can make the server hash a passphrase.
        const digest = hash('sha256', signature.passphrase, 'base64');
        const { passphrase } = known;
        return digest === passphrase.right ? undefined : judge(passphrase, signature.passphrase, digest);
      },
    };
  };
}

const mostPassphrases = 10_000;

/** A key is looked up anew every now and then, by many requests at once; what is stored of its passphrase says the same then. */
function keepPassphrases(): (stored: string) => Passphrase {
  const kept = new Map<string, Passphrase>();
  return (stored) => {
    const known = kept.get(stored);
    if (known) return known;
    if (kept.size >= mostPassphrases) kept.delete(kept.keys().next().value!);
    const passphrase = { stored, right: null, wrong: null, judging: null };
    kept.set(stored, passphrase);
    return passphrase;
  };
}

function knownKey(row: SecretKeyRow, secret: KeyObject | null, passphrase: Passphrase): KnownKey {
  return {
    row,
    caller: {
      traderId: row.traderId,
      role: row.role,
      permissions: new Set(row.permissions),
      limits: row.role === 'operator' ? 'none' : 'usual',
    },
    secret,
    addresses: row.allowedAddresses.length > 0 ? blockListOf(row.allowedAddresses) : null,
    passphrase,
  };
}

function secretOf(row: SecretKeyRow, sealing: Sealing | null, log: Log): KeyObject | null {
  try {
    if (!sealing) throw new Error('there is no SECRETS_KEY');
    const sealed = { bytes: Buffer.from(row.secret, 'hex'), sealedWith: row.sealedWith };
    return createSecretKey(sealing.unseal(sealed, row.key));
  } catch (error) {
    log.error({ keyId: row.keyId, error: String(error) }, 'the secret of an API key cannot be read');
    return null;
  }
}

function isSignedBy(secret: KeyObject, { signature, timestamp }: Signature, signed: Signed, body: string) {
  const right = signWith(secret, timestamp, signed, body);
  const given = Buffer.from(signature, 'base64');
  return given.length === right.length && timingSafeEqual(given, right);
}

/** 1.9 µs with a `KeyObject` that is kept, five times as long from bytes. */
export function signWith(
  secret: KeyObject | Buffer,
  timestamp: string,
  { method, target }: Signed,
  body: string,
): Buffer {
  return createHmac('sha256', secret)
    .update(timestamp + method + target + body)
    .digest();
}

/** Requests that come while a passphrase is hashed wait for the same answer; only one is hashed at a time for each key. */
async function judge(known: Passphrase, given: string, digest: string): Promise<void> {
  while (known.judging) await known.judging;
  if (digest === known.right) return;
  if (digest === known.wrong) throw new Unauthorized('Invalid Passphrase');
  known.judging = isPassword(known.stored, given);
  try {
    if (await known.judging) known.right = digest;
    else known.wrong = digest;
  } finally {
    known.judging = null;
  }
  if (digest !== known.right) throw new Unauthorized('Invalid Passphrase');
}

function blockListOf(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of addresses) {
    const [address, bits] = text.split('/') as [string, string | undefined];
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return list;
}

function mayComeFrom(addresses: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false;
  return addresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
