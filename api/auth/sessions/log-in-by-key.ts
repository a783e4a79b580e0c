import type { Api } from '../../api.ts';
import { signWith } from '../keys/verify.ts';

/** Whoever has all of a key may have a session that may do the same. It is judged as a request signed with it would be. */
export async function logInByKey(
  api: Api,
  { key, secret, passphrase }: { key: string; secret: string; passphrase: string },
  address: string,
) {
  const timestamp = String(Date.now() / 1_000);
  const signed = { method: 'POST', target: '/sessions' };
  const signature = signWith(Buffer.from(secret, 'base64'), timestamp, signed, '').toString('base64');
  const claim = await api.callers.bySignature({ key, passphrase, timestamp, signature }, signed, address);
  await claim.confirm?.('');
  const { role, traderId, permissions } = claim.caller;
  const { keyId } = claim.shown;
  return { role, traderId, keyId, permissions: [...permissions], personId: null };
}
