import { Agent, request } from 'node:http';
import { holdAgainstDescription } from './described-answers.ts';

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

/** Requests to an exchange with a bearer token, or without one. Every answer must be as the description of the API says. */
export function createClient(
  baseUrl: string,
  token: string | null,
  holdAgainst: typeof holdAgainstDescription = holdAgainstDescription,
): Client {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const send: Client['send'] = async (method, path, text, headers) => {
    const type: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(baseUrl + path, {
      method,
      headers: { ...authorization, ...type, ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    const body = await answer.json();
    holdAgainst(method, path, answer.status, body);
    return { status: answer.status, headers: answer.headers, body };
  };
  return {
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, JSON.stringify(body), headers),
    put: (path, body) => send('PUT', path, JSON.stringify(body)),
    delete: (path, body) => send('DELETE', path, body === undefined ? undefined : JSON.stringify(body)),
  };
}

export type How = {
  readonly method?: string;
  readonly token: string | null;
  readonly body?: string;
  /** Says which connections are kept and used again; without one each request has its own. */
  readonly agent?: Agent;
};

export type Sent = { readonly status: number; readonly text: string; readonly onKeptConnection: boolean };

/** Sends a request where it matters on which connection. */
export function sendBy(
  url: string,
  { method = 'GET', token, body, agent = new Agent() }: How,
): Promise<Sent> {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const headers = { ...authorization, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, text, onKeptConnection: outgoing.reusedSocket }),
      );
      answer.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
