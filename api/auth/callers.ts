import type { Log } from '../../core/log.ts';
import type { Sealing } from '../../core/sealing.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import type { Caller } from './caller.ts';
import type { Changes } from './changes.ts';
import type { Signature, Signed } from './keys/signed-request.ts';
import { createFindKey } from './keys/verify.ts';
import { recordUses } from './last-uses.ts';
import { createFindToken } from './tokens.ts';

/** Which credentials were shown: for the routes of sessions, and for the record of what operators did. */
export type ShownCredentials = {
  readonly tokenId: number | null;
  readonly keyId: number | null;
  readonly personId: number | null;
};

/** Who somebody says to be. */
export type Claim = {
  readonly caller: Caller;
  readonly shown: ShownCredentials;
  /** Throws `Unauthorized` unless the body was signed along. Null if there is nothing left to confirm. */
  readonly confirm: ((body: string) => Promise<void> | void) | null;
};

export type Claimant = Pick<Claim, 'caller' | 'shown'>;

/** A name for a trader, whatever it shows; and for staff by what it shows. */
export function whoIs({ caller, shown }: Claimant): string {
  if (caller.traderId !== null) return `trader ${caller.traderId}`;
  const { keyId, personId, tokenId } = shown;
  return `staff ${keyId}-${personId}-${tokenId}`;
}

/** Throws `Unauthorized` if the credentials are nobody's. */
export type Callers = {
  readonly byToken: (token: string) => Promise<Claim>;
  readonly bySignature: (signature: Signature, signed: Signed, address?: string) => Promise<Claim>;
  readonly close: () => Promise<void>;
};

type Parts = {
  readonly pool: Queries;
  readonly changes: Changes;
  readonly sealing: Sealing | null;
  readonly log: Log;
};

export function createCallers(parts: Parts): Callers {
  const { pool, changes, log } = parts;
  const uses = recordUses(pool, log);
  const findToken = createFindToken({ pool, changes });
  const findKey = createFindKey({ ...parts, onUse: uses.ofKey });
  return {
    byToken: async (token) => {
      const { caller, tokenId, personId } = await findToken(token);
      uses.ofToken(tokenId);
      return { caller, shown: { tokenId, personId, keyId: null }, confirm: null };
    },
    bySignature: async (signature, signed, address) => {
      const { caller, keyId, verify } = await findKey(signature, signed, address);
      return { caller, shown: { keyId, tokenId: null, personId: null }, confirm: verify };
    },
    close: async () => {
      await changes.close();
      await uses.close();
    },
  };
}
