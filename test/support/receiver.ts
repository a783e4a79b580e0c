import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { sleep } from '../../core/lifecycle.ts';

export type Received = {
  readonly path: string;
  readonly id: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever JSON they expect, and fail if it is not there
  readonly data: any;
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly status: number;
};

/** How a receiver answers on a path: a status, or never. */
export type Manner = (path: string, attempt: number) => number | 'never' | { readonly location: string };

export type Receiver = {
  readonly url: (path: string) => string;
  readonly received: Received[];
  /** What was answered with 2xx on a path, each message once. */
  readonly kept: (path: string) => Received[];
  readonly behave: (manner: Manner) => void;
  readonly until: (isSo: () => boolean, seconds?: number) => Promise<void>;
  readonly close: () => void;
};

/** A server that takes webhooks, and keeps all that it was sent. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let manner: Manner = () => 200;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const path = request.url!;
    const answer = manner(path, received.filter((one) => one.path === path).length + 1);
    const { type, data } = JSON.parse(body);
    const status = answer === 'never' ? 0 : typeof answer === 'number' ? answer : 302;
    const id = String(request.headers['webhook-id']);
    received.push({ path, id, type, data, at: performance.now(), headers: request.headers, body, status });
    if (answer === 'never') return;
    response.writeHead(status, typeof answer === 'number' ? {} : answer).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    received,
    kept: (path) => {
      const ids = new Set<string>();
      return received.filter((one) => {
        const isNew = one.path === path && one.status >= 200 && one.status < 300 && !ids.has(one.id);
        if (isNew) ids.add(one.id);
        return isNew;
      });
    },
    behave: (next) => {
      manner = next;
    },
    until: async (isSo, seconds = 20) => {
      const deadline = performance.now() + seconds * 1_000;
      while (!isSo()) {
        if (performance.now() > deadline)
          throw new Error(`not within ${seconds} s; ${received.length} received`);
        await sleep(20);
      }
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Throws if it is not signed with this secret. */
export function verify({ body, headers }: Received, secret: string): void {
  new Webhook(secret).verify(body, headers as Record<string, string>);
}
