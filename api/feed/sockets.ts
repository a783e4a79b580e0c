import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { sleep } from '../../core/lifecycle.ts';
import type { Api } from '../api.ts';
import type { Hub } from './hub.ts';
import { createFindIdentity } from './identity.ts';
import { receive } from './messages.ts';
import { createSession, type SessionParts } from './session.ts';
import { closeCodes, createFeedSocket, type FeedSocket } from './socket.ts';

const paths = new Set(['/', '/feed']);
/** A client has so long to subscribe to something. */
const firstMessageMs = 5_000;
const checkEveryMs = 1_000;
const largestMessage = 1_048_576;

export type SocketsParts = Pick<SessionParts, 'known'> &
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
  let isClosing = false;

  const open = (ws: WebSocket, raw: Duplex, request: IncomingMessage): void => {
    const socket = createFeedSocket(ws, raw, () => parts.hub.leave(socket));
    sockets.set(ws, socket);
    const opening = {
      request,
      address: request.socket.remoteAddress,
      origins: new Set(parts.config.corsOrigins),
    };
    const findIdentity = createFindIdentity(parts.callers, opening);
    const session = createSession({ ...parts, findIdentity, reader: socket });
    const first = setTimeout(() => {
      if (!session.hasSubscribed()) socket.close(closeCodes.policy, 'nothing was subscribed to in 5 s');
    }, firstMessageMs);
    ws.on('message', (data) => {
      if (!socket.isClosing())
        receive(String(data), session.receive, (frame) => parts.hub.send(socket, frame));
    });
    ws.on('error', () => {}); // a close follows
    ws.on('close', () => {
      clearTimeout(first);
      parts.hub.leave(socket);
      sockets.delete(ws);
    });
  };
  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    raw.on('error', () => {});
    const refusal = isClosing
      ? '503 Service Unavailable'
      : paths.has(pathOf(request))
        ? null
        : '404 Not Found';
    if (refusal) refuse(raw, refusal);
    else accepting.handleUpgrade(request, raw, head, (ws) => open(ws, raw, request));
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

function refuse(raw: Duplex, status: string): void {
  const body = JSON.stringify({ message: status === '404 Not Found' ? 'NotFound' : status.slice(4) });
  raw.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}
