/** What a server answered: status, headers, and the JSON body. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever JSON they expect, and fail if it is not there
  readonly body: any;
};

export type Client = {
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Answer>;
  readonly put: (path: string, body: unknown) => Promise<Answer>;
  readonly delete: (path: string, body?: unknown) => Promise<Answer>;
  /** Sends a text as it is. */
  readonly send: (
    method: string,
    path: string,
    text?: string,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
};

/** Requests to an exchange with a bearer token, or without one. */
export function createClient(baseUrl: string, token: string | null): Client {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const send: Client['send'] = async (method, path, text, headers) => {
    const type: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(baseUrl + path, {
      method,
      headers: { ...authorization, ...type, ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  return {
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, JSON.stringify(body), headers),
    put: (path, body) => send('PUT', path, JSON.stringify(body)),
    delete: (path, body) => send('DELETE', path, body === undefined ? undefined : JSON.stringify(body)),
  };
}
