import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { sleep } from '../../core/lifecycle.ts';
import type { Api } from '../api.ts';
import { createClientAddress } from '../http/client-address.ts';
import type { Switches } from '../orders/switches/watch.ts';
import { type Address, createAddresses, noLimits } from './addresses.ts';
import { createOrderEntry, type Entry } from './entry/entry.ts';
import { textFrame } from './frame.ts';
import { createFindIdentity, type Opening } from './identity.ts';
import { type Handlers, receive } from './messages.ts';
import { type Remembering, remembering } from './recheck.ts';
import { createSession, type SessionParts } from './session.ts';
import { closeCodes, createFeedSocket, type FeedSocket } from './socket.ts';

const paths = new Set(['/', '/feed', '/graphql']);
/** A client has so long to subscribe to something. */
const firstMessageMs = 5_000;
const checkEveryMs = 1_000;
const largestMessage = 1_048_576;
const closingStepMs = 20;
/** It holds: a request under way is answered first, and one that comes later is not taken. */
const restartReason = 'connect again; what was not answered was not taken';

export type SocketsParts = Pick<SessionParts, 'known' | 'missed' | 'hub'> & {
  readonly api: Api;
  readonly switches: Switches;
  /** Takes the sockets that are opened for GraphQL. */
  readonly openGraphql: OpenGraphqlSocket;
};

export type OpenGraphqlSocket = (
  request: IncomingMessage,
  raw: Duplex,
  head: Buffer,
  opening: Opening,
) => void;

export type Sockets = {
  readonly count: () => number;
  /** Asks all clients to connect again, and waits for that for `graceMs` at most. */
  readonly close: (graceMs: number) => Promise<void>;
};

type Open = {
  readonly socket: FeedSocket;
  readonly entry: Entry;
  readonly recheck: Remembering['recheck'];
};

/** Takes the sockets that are opened on a server's port. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions over one server's sockets
export function acceptSockets(server: Server, parts: SocketsParts): Sockets {
  const accepting = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false, // it costs five times the time and four times the memory
    maxPayload: largestMessage,
    clientTracking: false,
  });
  const sockets = new Map<WebSocket, Open>();
  const { api, hub } = parts;
  const { config } = api;
  const openEntry = createOrderEntry(api, parts.switches);
  const addresses = createAddresses(config.rateLimits ? config.feedLimits : noLimits);
  const origins = new Set(config.corsOrigins);
  const clientAddress = createClientAddress(config.trustedProxies);
  let isClosing = false;

  const open = (ws: WebSocket, raw: Duplex, { opening, address }: Entering): void => {
    const { opened, closed, tooSlow, refused } = api.metrics.sockets;
    const onClosing = (code: number): void => {
      hub.leave(socket);
      if (code === closeCodes.slow) tooSlow();
      if (code === closeCodes.policy) refused();
    };
    const socket = createFeedSocket(ws, raw, { onClosing });
    opened();
    const { findIdentity, recheck } = remembering(createFindIdentity(api.callers, opening));
    const session = createSession({ ...parts, findIdentity, reader: socket });
    const send = (frame: Buffer): void => hub.send(socket, frame);
    const entry = openEntry({
      findIdentity,
      answer: (id, answer) => send(textFrame(JSON.stringify({ id, ...answer }))),
    });
    sockets.set(ws, { socket, entry, recheck });
    const release = api.unread.add({ unread: socket.unread, cut: socket.cut });
    let isUsed = false;
    const first = setTimeout(() => {
      if (!isUsed && !session.hasSubscribed())
        socket.close(closeCodes.policy, 'nothing was subscribed to in 5 s');
    }, firstMessageMs);
    const handlers: Handlers = {
      subscription: (message) => {
        if (address.mayAsk()) session.receive(message);
        else socket.close(closeCodes.policy, 'too many messages a second');
      },
      request: (message, text) => {
        isUsed = true;
        entry.receive({ message, text });
      },
      answer: (frame) => {
        if (address.mayAsk()) send(frame);
        else socket.close(closeCodes.policy, 'too many messages a second');
      },
    };
    ws.on('message', (data) => {
      // Once the sockets are to end, what is not taken yet is not taken any more.
      if (!socket.isClosing() && !isClosing) receive(String(data), handlers);
    });
    ws.on('error', () => {}); // a close follows
    ws.on('close', () => {
      clearTimeout(first);
      closed();
      address.leave();
      release();
      entry.end();
      hub.leave(socket);
      sockets.delete(ws);
    });
  };
  const enter = (request: IncomingMessage): Entering | Refusal => {
    if (isClosing) return '503 Service Unavailable';
    if (!paths.has(pathOf(request))) return '404 Not Found';
    const address = clientAddress.of(request);
    const entered = addresses.enter(address);
    return entered ? { opening: { request, address, origins }, address: entered } : '429 Too Many Requests';
  };
  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    raw.on('error', () => {});
    const entering = enter(request);
    if (typeof entering === 'string') {
      const path = pathOf(request);
      api.metrics.answered('GET', paths.has(path) ? path : 'none', Number.parseInt(entering, 10), 0);
      return refuse(raw, entering);
    }
    // A handshake that is no good is answered by ws, and the connection closed.
    const leave = (): void => entering.address.leave();
    raw.once('close', leave);
    if (pathOf(request) === '/graphql') return parts.openGraphql(request, raw, head, entering.opening);
    accepting.handleUpgrade(request, raw, head, (ws) => {
      raw.off('close', leave);
      open(ws, raw, entering);
    });
  });
  const checking = setInterval(() => {
    const now = Date.now();
    api.unread.check();
    for (const { socket, recheck } of sockets.values()) {
      socket.check(now);
      recheck(now, () => socket.close(closeCodes.policy, 'the credentials are not valid any more'));
    }
  }, checkEveryMs);

  return {
    count: () => sockets.size,
    close: async (graceMs) => {
      isClosing = true;
      clearInterval(checking);
      addresses.close();
      const deadline = Date.now() + graceMs;
      while (sockets.size > 0 && Date.now() < deadline) {
        hub.flush();
        for (const { socket, entry } of sockets.values())
          if (entry.underWay() === 0) socket.close(closeCodes.restart, restartReason);
        await sleep(closingStepMs);
      }
      for (const ws of sockets.keys()) ws.terminate();
    },
  };
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/\?.*$/, '');
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
