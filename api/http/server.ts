import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { sleep } from '../../core/lifecycle.ts';
import { inTurn } from './in-turn.ts';
import type { UnreadBudget } from './unread-budget.ts';

/** In milliseconds. A client has so long to send its headers, its whole request, and the next request on a connection. */
const headersTimeout = 10_000;
const requestTimeout = 30_000;
const keepAliveTimeout = 65_000;
const connectionsCheckingInterval = 5_000;

export async function listen(
  handle: RequestListener,
  { host, port, unread }: { host: string; port: number; unread: UnreadBudget },
): Promise<Server> {
  const server = createServer(
    {
      ...{ headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval },
      ...{ noDelay: true, shouldUpgradeCallback: asksForSocket },
    },
    inTurn(wellFormed(handle), unread),
  );
  server.on('clientError', answerUnreadable);
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** A request that offers HTTP/2 is answered like any other. */
function asksForSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** What Node lets pass and Koa cannot read, or what could be read in two ways. */
function wellFormed(handle: RequestListener): RequestListener {
  return (request, response) => {
    const target = /^[/*]/.test(request.url!) ? request.url! : pathOf(request.url!);
    if (target === null || hostsOf(request) > 1) {
      const body = JSON.stringify({ message: 'Bad Request' });
      const type = 'application/json; charset=utf-8';
      response.writeHead(400, { 'Content-Type': type, 'Content-Length': body.length }).end(body);
      return;
    }
    request.url = target;
    handle(request, response);
  };
}

/** Of a target that names the server too, as those for proxies do. Null if it cannot be read. */
function pathOf(target: string): string | null {
  const url = URL.parse(target);
  return url && /^https?:$/.test(url.protocol) ? url.pathname + url.search : null;
}

function hostsOf({ rawHeaders }: IncomingMessage): number {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.length === 4 && rawHeaders[i]!.toLowerCase() === 'host') hosts++;
  return hosts;
}

const statusOf: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Node cannot read the request, so no middleware sees it. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: import('node:stream').Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOf[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify({ message: status.slice(4) });
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}

const idleCheckMs = 100;

/**
 * Takes no more connections and answers what is under way, for `graceMs` at most. A request may be on its way on a
 * connection that looks idle, so idle ones are not closed at once as `server.close()` would: the answers ask the clients
 * to close, and those who have nothing to ask are closed a moment later; or at the end, if nobody is `hurried`.
 */
export async function closeServer(server: Server, hurried: AbortSignal, graceMs: number): Promise<void> {
  const closed = new AbortController();
  NetServer.prototype.close.call(server, () => closed.abort());
  const deadline = Date.now() + graceMs;
  while (!closed.signal.aborted && Date.now() < deadline) {
    await sleep(Math.min(idleCheckMs, deadline - Date.now()), closed.signal);
    if (hurried.aborted) server.closeIdleConnections();
  }
  server.closeAllConnections();
}
