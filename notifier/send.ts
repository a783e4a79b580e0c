import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { assertPublicLiteral, publicLookup } from '../core/public-address.ts';

/** `gone`: the receiver says that it wants nothing any more. What else it answered is nobody's business but its owner's. */
export type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly error: string };

export type Sending = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
};

/** Posts a body once. A redirect is a failure; the answer's body is not read. */
export async function send({ url, headers, body, timeoutMs, allowPrivate }: Sending): Promise<Outcome> {
  try {
    const target = new URL(url);
    if (!allowPrivate) assertPublicLiteral(target);
    const status = await post(target, {
      headers: { 'content-type': 'application/json', 'user-agent': 'cardstock-webhooks', ...headers },
      body,
      signal: AbortSignal.timeout(timeoutMs),
      ...(allowPrivate ? {} : { lookup: publicLookup }),
    });
    if (status >= 200 && status < 300) return { kind: 'delivered' };
    return status === 410 ? { kind: 'gone' } : { kind: 'failed', error: `answered ${status}` };
  } catch (error) {
    const { name, message } = error as Error;
    const late = name === 'TimeoutError' || name === 'AbortError';
    return {
      kind: 'failed',
      error: late ? `no answer within ${timeoutMs / 1_000} s` : message.slice(0, 200),
    };
  }
}

type Post = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly lookup?: typeof publicLookup;
};

function post(url: URL, { body, ...options }: Post): Promise<number> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent: false, ...options }, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.on('error', () => {});
      answer.destroy();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
