/** Who asks. A browser that has the session's cookie needs none. */
export type Credentials =
  | { readonly token: string }
  | { readonly key: string; readonly secret: string; readonly passphrase: string };

export type Signed = { readonly method: string; readonly target: string; readonly body: string };

/** The headers that prove who asks. `seconds` is the time that is signed. */
export type Prove = (request: Signed, seconds?: number) => Promise<Record<string, string>>;

export function createProve(credentials: Credentials | undefined): Prove {
  if (!credentials) return async () => ({});
  if ('token' in credentials) return async () => ({ authorization: `Bearer ${credentials.token}` });
  const sign = createSign(credentials.secret);
  return async ({ method, target, body }, seconds = Date.now() / 1_000) => {
    const timestamp = seconds.toFixed(3);
    return {
      'cb-access-key': credentials.key,
      'cb-access-passphrase': credentials.passphrase,
      'cb-access-timestamp': timestamp,
      'cb-access-sign': await sign(timestamp + method + target + body),
    };
  };
}

/** The fields of a message on the feed that prove who subscribes, or nothing. */
export async function socketCredentials(
  credentials: Credentials | undefined,
): Promise<Record<string, string>> {
  if (!credentials) return {};
  if ('token' in credentials) return { token: credentials.token };
  const { key, passphrase, secret } = credentials;
  const timestamp = (Date.now() / 1_000).toFixed(3);
  const signature = await createSign(secret)(`${timestamp}GET/users/self/verify`);
  return { key, passphrase, timestamp, signature };
}

/** HMAC-SHA256 in base64, by the crypto that browsers and Node have in common. The secret is base64 too. */
function createSign(secret: string): (text: string) => Promise<string> {
  const bytes = Uint8Array.from(atob(secret), (char) => char.charCodeAt(0));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
  return async (text) => {
    const signature = await crypto.subtle.sign('HMAC', await key, new TextEncoder().encode(text));
    return btoa(String.fromCharCode(...new Uint8Array(signature)));
  };
}
