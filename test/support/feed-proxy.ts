// An exchange behind a proxy that can lose a message of the feed, as a network with a fault in it may.

import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

export type FeedMessage = { readonly type: string; readonly [field: string]: unknown };

export type FeedProxy = {
  readonly url: string;
  /** The next message of this type does not arrive. Resolves once it is lost. */
  readonly lose: (type: string) => Promise<void>;
  /** From the next message of this type on nothing arrives, until it is let go. */
  readonly hold: (type: string) => { readonly held: Promise<void>; readonly letGo: () => void };
  readonly close: () => void;
};

type Trap = { readonly type: string; readonly sprung: () => void };
type Hold = Trap & { isHolding: boolean; readonly waiting: (() => void)[] };

/** Passes everything on, requests and sockets, to where the exchange is. */
export async function openFeedProxy(baseUrl: string): Promise<FeedProxy> {
  const losses: Trap[] = [];
  let hold: Hold | null = null;
  const typeOf = (line: string): string => (JSON.parse(line) as FeedMessage).type;
  const isLost = (line: string): boolean => {
    const at = losses.findIndex(({ type }) => type === typeOf(line));
    for (const { sprung } of at < 0 ? [] : losses.splice(at, 1)) sprung();
    return at >= 0;
  };
  const deliver = (lines: readonly string[], send: (text: string) => void): void => {
    const left = lines.filter((line) => !isLost(line));
    if (left.length === 0) return;
    if (hold && !hold.isHolding && left.some((line) => typeOf(line) === hold!.type)) {
      hold.isHolding = true;
      hold.sprung();
    }
    const pass = (): void => send(left.join('\n'));
    if (hold?.isHolding) hold.waiting.push(pass);
    else pass();
  };
  const server = createServer((req, res) => forward(baseUrl, req, res));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (client, req) => join(client, openUpstream(baseUrl, req), deliver));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lose: (type) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      losses.push({ type, sprung: resolve });
      return promise;
    },
    hold: (type) => {
      const { promise: held, resolve } = Promise.withResolvers<void>();
      const own: Hold = { type, sprung: resolve, isHolding: false, waiting: [] };
      hold = own;
      return {
        held,
        letGo: () => {
          hold = null;
          for (const pass of own.waiting) pass();
        },
      };
    },
    close: () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
}

function forward(baseUrl: string, req: IncomingMessage, res: ServerResponse): void {
  const { method, headers } = req;
  const asked = request(new URL(req.url!, baseUrl), { method, headers }, (answer) => {
    res.writeHead(answer.statusCode!, answer.rawHeaders);
    answer.pipe(res);
  });
  asked.on('error', () => res.destroy());
  req.pipe(asked);
}

/** As the browser came: with its cookies, and the host that it knows. */
function openUpstream(baseUrl: string, { url, headers }: IncomingMessage): WebSocket {
  const { host, origin, cookie } = headers;
  const said = { host: host!, ...(origin ? { origin } : {}), ...(cookie ? { cookie } : {}) };
  return new WebSocket(new URL(url!, baseUrl.replace('http', 'ws')), { headers: said });
}

function join(
  client: WebSocket,
  upstream: WebSocket,
  deliver: (lines: readonly string[], send: (text: string) => void) => void,
): void {
  const opened = once(upstream, 'open');
  opened.catch(() => client.terminate());
  const text = (data: RawData): string => String(data);
  client.on('message', (data) => void opened.then(() => upstream.send(text(data))));
  upstream.on('message', (data) =>
    deliver(text(data).split('\n').filter(Boolean), (left) => client.send(left)),
  );
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const)
    one.on('error', () => {}).on('close', () => other.terminate());
}
