import type { Metadata } from '@grpc/grpc-js';
import type { Api } from '../api.ts';
import { tokenOf } from '../auth/authenticate.ts';
import type { Claim } from '../auth/callers.ts';
import { readSignature } from '../auth/keys/signed-request.ts';
import { Unauthorized } from '../errors.ts';

export type Shown = {
  readonly claim: Claim;
  /** Throws `Unauthorized` once the token or key was revoked or has expired. */
  readonly recheck: () => Promise<void>;
};

/** Where a call comes from, and what it shows. */
export type Showing = { readonly metadata: Metadata; readonly path: string; readonly address: string };

/**
 * Who a call says it comes from: by bearer token, or by the signature of the time, `POST` and the path of the method. Messages
 * are not signed along: a stream has any number of them.
 */
export async function identifyCall(
  { callers, limits }: Pick<Api, 'callers' | 'limits'>,
  { metadata, path, address }: Showing,
): Promise<Shown> {
  try {
    const authorization = textIn(metadata, 'authorization');
    if (authorization !== undefined) {
      const token = tokenOf(authorization);
      return {
        claim: await callers.byToken(token),
        recheck: async () => void (await callers.byToken(token)),
      };
    }
    if (textIn(metadata, 'cb-access-key') === undefined)
      throw new Unauthorized(
        'CB-ACCESS-KEY is required in the metadata, or authorization with a bearer token',
      );
    const signature = readSignature(metadata.getMap() as Record<string, string>);
    const signed = { method: 'POST', target: path };
    const claim = await callers.bySignature(signature, signed, address);
    await claim.confirm?.('');
    return {
      claim,
      recheck: async () => {
        // The time that was signed is long over; the key is what may be gone.
        const timestamp = String(Math.floor(Date.now() / 1_000));
        await callers.bySignature({ ...signature, timestamp }, signed, address);
      },
    };
  } catch (error) {
    if (error instanceof Unauthorized) await limits.countAddress(address);
    throw error;
  }
}

/** What a metadata key says, if it is a text. */
export function textIn(metadata: Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return typeof value === 'string' ? value : undefined;
}
