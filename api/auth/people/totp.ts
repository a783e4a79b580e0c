import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Sealed } from '../../../core/sealing.ts';
import type { Api } from '../../api.ts';
import { UnreadableSecret } from '../../errors.ts';
import { type PersonRow, useRecoveryCode, useTotpStep } from '../queries/people.ts';

const secretBytes = 20;
const recoveryCodes = 10;

export function newTotpSecret(): Buffer {
  return randomBytes(secretBytes);
}

/** What a secret is sealed for. */
export function totpContext(personId: number): string {
  return `totp of person ${personId}`;
}

function totpOf(secret: Buffer, label: string): TOTP {
  const bytes = new Uint8Array(secret).buffer as ArrayBuffer;
  return new TOTP({ issuer: 'Cardstock', label, secret: new Secret({ buffer: bytes }) });
}

/** What an authenticator app scans, and the same for typing. */
export function presentSecret(secret: Buffer, name: string): { secret: string; url: string } {
  const totp = totpOf(secret, name);
  return { secret: totp.secret.base32, url: totp.toString() };
}

/** Codes for when the app is lost, and what is stored of them. */
export function newRecoveryCodes(): { codes: string[]; digests: Buffer[] } {
  const codes = Array.from({ length: recoveryCodes }, () =>
    randomBytes(8)
      .toString('hex')
      .replace(/^(.{8})/, '$1-'),
  );
  return { codes, digests: codes.map(digestOf) };
}

function digestOf(code: string): Buffer {
  return createHash('sha256').update(code.toLowerCase()).digest();
}

/** Null if there is none. Throws `UnreadableSecret`. */
function secretOf({ sealing, log }: Api, { personId, totp, totpSealedWith }: PersonRow): Buffer | null {
  if (totp === null || totpSealedWith === null) return null;
  const sealed: Sealed = { bytes: Buffer.from(totp, 'hex'), sealedWith: totpSealedWith };
  try {
    if (!sealing) throw new Error('there is no SECRETS_KEY');
    return sealing.unseal(sealed, totpContext(personId));
  } catch (error) {
    log.error({ personId, error: String(error) }, 'a second factor cannot be read');
    throw new UnreadableSecret('this second factor');
  }
}

/** Whether a code is right. It is good once, as is a recovery code in its place. */
export async function useCode(api: Api, person: PersonRow, code: string): Promise<boolean> {
  if (!/^\d{6}$/.test(code)) return useRecoveryCode(api.pool, person.personId, digestOf(code));
  const secret = secretOf(api, person);
  if (!secret) return false;
  const totp = totpOf(secret, person.name);
  const delta = totp.validate({ token: code, window: 1 });
  return delta === null ? false : useTotpStep(api.pool, person.personId, totp.counter() + delta);
}
