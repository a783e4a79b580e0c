import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever JSON they expect, and fail if it is not there
export type Result = { readonly status: number; readonly data: any; readonly errors: any[] | undefined };

/** Sends an operation as any client does that has no library. */
export async function ask(
  baseUrl: string,
  token: string | null,
  query: string,
  { variables = {}, headers = {} }: { variables?: object; headers?: Record<string, string> } = {},
): Promise<Result> {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`${baseUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization, ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as Result;
  return { status: answer.status, data, errors };
}

/** A socket of graphql-ws, which opens with its first operation. */
export function openGraphqlSocket(baseUrl: string, token: string | null) {
  return createClient({
    url: `${baseUrl.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: token === null ? {} : { token },
    retryAttempts: 0,
  });
}

/** A subscription over such a socket of its own; what it was told is kept. */
export function subscribe(baseUrl: string, token: string | null, query: string) {
  const client = openGraphqlSocket(baseUrl, token);
  const told: Result[] = [];
  const ended = new Promise<unknown>((resolve) => {
    client.subscribe(
      { query },
      {
        next: (result) => told.push(result as unknown as Result),
        error: resolve,
        complete: () => resolve(null),
      },
    );
  });
  return { told, ended, close: () => client.dispose() };
}
