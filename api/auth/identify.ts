import { Unauthorized } from '../errors.ts';
import type { Caller } from './caller.ts';
import type { Callers, ShownCredentials } from './callers.ts';
import { MissingHeader, type Signature } from './keys/signed-request.ts';

/** What a client without headers shows: a bearer token, or the dialect's fields of a signed subscription. */
export type Credentials =
  | { readonly token: string }
  | {
      readonly key: string;
      readonly signature: string;
      readonly timestamp: string | number;
      readonly passphrase: string;
    };

export type Identity = {
  readonly caller: Caller;
  readonly shown: ShownCredentials;
  /** Throws `Unauthorized` once the token or key was revoked or has expired. */
  readonly recheck: () => Promise<void>;
};

/** What is signed for a socket, whatever path it was opened by. */
const signedForSockets = { method: 'GET', target: '/users/self/verify' };

/** Whose credentials these are. Throws `Unauthorized` with what is wrong with them. */
export async function identify(
  callers: Callers,
  credentials: Credentials,
  address?: string,
): Promise<Identity> {
  if ('token' in credentials) {
    const { caller, shown } = await callers.byToken(credentials.token);
    return { caller, shown, recheck: async () => void (await callers.byToken(credentials.token)) };
  }
  const signature = signatureOf(credentials);
  const claim = await callers.bySignature(signature, signedForSockets, address);
  await claim.confirm?.('');
  return {
    caller: claim.caller,
    shown: claim.shown,
    recheck: async () => {
      // The time that was signed is long over; the key is what may be gone.
      const timestamp = String(Math.floor(Date.now() / 1_000));
      await callers.bySignature({ ...signature, timestamp }, signedForSockets, address);
    },
  };
}

/** Some clients send the time as a number, and have signed its shortest decimal form. */
function signatureOf({
  key,
  signature,
  timestamp,
  passphrase,
}: Exclude<Credentials, { token: string }>): Signature {
  const given = { key, signature, timestamp: String(timestamp), passphrase };
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') throw new Unauthorized(`invalid ${name}`);
    if (value === '') throw new MissingHeader(name);
  }
  return given;
}
