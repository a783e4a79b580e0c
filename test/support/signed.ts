import { createHmac } from 'node:crypto';
import { type Answer, createClient } from './http.ts';

/** An API key as it was answered when it was made. */
export type ApiKey = { readonly key: string; readonly secret: string; readonly passphrase: string };

/** What a test may make wrong about a signed request. */
export type Slip = {
  readonly timestamp?: string;
  readonly signedMethod?: string;
  readonly signedTarget?: string;
  readonly signedBody?: string;
  readonly headers?: Record<string, string>;
};

export function sign(secret: string, text: string): string {
  return createHmac('sha256', Buffer.from(secret, 'base64')).update(text).digest('base64');
}

export function signedHeaders(
  { key, secret, passphrase }: ApiKey,
  request: { method: string; target: string; body: string },
  slip: Slip = {},
): Record<string, string> {
  const timestamp = slip.timestamp ?? String(Math.floor(Date.now() / 1_000));
  const method = slip.signedMethod ?? request.method;
  const text = timestamp + method + (slip.signedTarget ?? request.target) + (slip.signedBody ?? request.body);
  return {
    'cb-access-key': key,
    'cb-access-sign': sign(secret, text),
    'cb-access-timestamp': timestamp,
    'cb-access-passphrase': passphrase,
    ...slip.headers,
  };
}

export type SignedClient = (method: string, target: string, body?: unknown, slip?: Slip) => Promise<Answer>;

/** Requests that a key signs, or signs wrongly. */
export function signedClient(baseUrl: string, key: ApiKey): SignedClient {
  const { send } = createClient(baseUrl, null);
  return (method, target, body, slip) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = signedHeaders(key, { method, target, body: text }, slip);
    return send(method, target, body === undefined ? undefined : text, headers);
  };
}
