import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { sleep } from '../../core/lifecycle.ts';
import type { Api } from '../api.ts';
import { type Address, createAddresses } from './addresses.ts';
import type { Hub } from './hub.ts';
import { createFindIdentity, type Opening } from './identity.ts';
import { receive } from './messages.ts';
import { createSession, type SessionParts } from './session.ts';
import { closeCodes, createFeedSocket, type FeedSocket } from './socket.ts';

const paths = new Set(['/', '/feed']);
/** A client has so long to subscribe to something. */
const firstMessageMs = 5_000;
const checkEveryMs = 1_000;
const largestMessage = 1_048_576;

export type SocketsParts = Pick<SessionParts, 'known' | 'missed'> &
  Pick<Api, 'callers' | 'config'> & { readonly hub: Hub };

export type Sockets = {
  readonly count: () => number;
  /** Asks all clients to connect again, and waits for that for `graceMs` at most. */
  readonly close: (graceMs: number) => Promise<void>;
};

/** Takes the sockets that are opened on a server's port. */
export function acceptSockets(server: Server, parts: SocketsParts): Sockets {
  const accepting = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false, // it costs five times the time and four times the memory
    maxPayload: largestMessage,
    clientTracking: false,
  });
  const sockets = new Map<WebSocket, FeedSocket>();
  const { config } = parts;
  const addresses = createAddresses(config.feedLimits);
  const origins = new Set(config.corsOrigins);
  let isClosing = false;

  const open = (ws: WebSocket, raw: Duplex, { opening, address }: Entering): void => {
    const socket = createFeedSocket(ws, raw, () => parts.hub.leave(socket));
    sockets.set(ws, socket);
    const findIdentity = createFindIdentity(parts.callers, opening);
    const session = createSession({ ...parts, findIdentity, reader: socket });
    const first = setTimeout(() => {
      if (!session.hasSubscribed()) socket.close(closeCodes.policy, 'nothing was subscribed to in 5 s');
    }, firstMessageMs);
    ws.on('message', (data) => {
      if (socket.isClosing()) return;
      if (!address.mayAsk()) socket.close(closeCodes.policy, 'too many messages a second');
      else receive(String(data), session.receive, (frame) => parts.hub.send(socket, frame));
    });
    ws.on('error', () => {}); // a close follows
    ws.on('close', () => {
      clearTimeout(first);
      address.leave();
      parts.hub.leave(socket);
      sockets.delete(ws);
    });
  };
  const enter = (request: IncomingMessage): Entering | Refusal => {
    if (isClosing) return '503 Service Unavailable';
    if (!paths.has(pathOf(request))) return '404 Not Found';
    const address = addressOf(request, config.trustedProxies);
    const entered = addresses.enter(address);
    return entered ? { opening: { request, address, origins }, address: entered } : '429 Too Many Requests';
  };
  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    raw.on('error', () => {});
    const entering = enter(request);
    if (typeof entering === 'string') return refuse(raw, entering);
    // A handshake that is no good is answered by ws, and the connection closed.
    const leave = (): void => entering.address.leave();
    raw.once('close', leave);
    accepting.handleUpgrade(request, raw, head, (ws) => {
      raw.off('close', leave);
      open(ws, raw, entering);
    });
  });
  const checking = setInterval(() => {
    const now = Date.now();
    for (const socket of sockets.values()) socket.check(now);
  }, checkEveryMs);

  return {
    count: () => sockets.size,
    close: async (graceMs) => {
      isClosing = true;
      clearInterval(checking);
      addresses.close();
      parts.hub.flush();
      for (const socket of sockets.values()) socket.close(closeCodes.restart, 'connect again');
      const deadline = Date.now() + graceMs;
      while (sockets.size > 0 && Date.now() < deadline) await sleep(20);
      for (const ws of sockets.keys()) ws.terminate();
    },
  };
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/\?.*$/, '');
}

/** Each proxy that is trusted has added an address at the end. */
function addressOf({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  const direct = socket.remoteAddress ?? '';
  if (trustedProxies === 0) return direct;
  const forwarded = String(headers['x-forwarded-for'] ?? '').split(/ *, */);
  return forwarded.at(-trustedProxies) || direct;
}

type Entering = { readonly opening: Opening; readonly address: Address };
type Refusal = keyof typeof refusals;

const refusals = {
  '404 Not Found': 'NotFound',
  '429 Too Many Requests': 'Public rate limit exceeded',
  '503 Service Unavailable': 'Service Unavailable',
};

function refuse(raw: Duplex, status: Refusal): void {
  const body = JSON.stringify({ message: refusals[status] });
  raw.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}
