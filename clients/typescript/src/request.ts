import { type Credentials, createProve } from './credentials.ts';
import { ExchangeError, OutcomeUnknown } from './errors.ts';

export type RequestOptions = {
  /** Where the exchange is, `http://127.0.0.1:3000`; in a browser '' is the page's own. */
  readonly baseUrl: string;
  readonly credentials?: Credentials;
  /** How often a request is sent again that may be sent again. */
  readonly retries?: number;
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
};

type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Whether sending it twice does what sending it once does. */
  readonly repeatable: boolean;
};

export type Answer<T> = { readonly body: T; readonly status: number; readonly headers: Headers };
export type Request = <T>(call: Call) => Promise<Answer<T>>;

const waitMs = [50, 200, 500, 1_000, 2_000];

/**
 * Sends requests and sends them again: after 429 any request, since it was not looked at; after 503 and broken connections
 * those that do the same twice. The body stays the same text, with the same `client_oid`.
 */
export function createRequest(options: RequestOptions): Request {
  const { baseUrl, credentials, retries = 4, timeoutMs = 15_000 } = options;
  const send = options.fetch ?? fetch.bind(globalThis);
  const prove = createProve(credentials);

  async function once(call: Call): Promise<Response> {
    const target = call.path + queryText(call.query);
    const body = call.body === undefined ? '' : JSON.stringify(call.body);
    const type: Record<string, string> = body === '' ? {} : { 'content-type': 'application/json' };
    return send(baseUrl + target, {
      method: call.method,
      headers: { ...type, ...call.headers, ...(await prove({ method: call.method, target, body })) },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === '' ? {} : { body }),
    });
  }

  return async <T>(call: Call) => {
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt >= retries;
      const answer = await once(call).catch((error: unknown) => {
        if (!call.repeatable || isLast) throw new OutcomeUnknown(`${call.method} ${call.path}: ${error}`);
        return undefined;
      });
      if (answer && (isLast || !mayRepeat(call, answer.status))) return readAnswer<T>(answer);
      await sleep(Math.max(retryAfterMs(answer), waitMs[attempt] ?? waitMs.at(-1)!));
    }
  };
}

function mayRepeat({ repeatable }: Call, status: number): boolean {
  return status === 429 || (repeatable && (status === 502 || status === 503));
}

const mostWaitMs = 10_000;

function retryAfterMs(answer: Response | undefined): number {
  const seconds = Number(answer?.headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) ? Math.min(seconds * 1_000, mostWaitMs) : 0;
}

async function readAnswer<T>(answer: Response): Promise<Answer<T>> {
  const { status, headers } = answer;
  const text = await answer.text();
  const body = parsed(text);
  if (answer.ok) return { body: body as T, status, headers };
  const message = (body as { message?: unknown } | null)?.message;
  const requestId = headers.get('x-request-id');
  throw new ExchangeError(typeof message === 'string' ? message : `HTTP ${status}`, { status, requestId });
}

/** What stands between us and the exchange may answer something else than JSON. */
function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function queryText(query: Query | undefined): string {
  const parts = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [value].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(String(one))}`),
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
