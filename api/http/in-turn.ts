import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { oncePer } from '../../core/once-per.ts';
import { createDeadlines } from '../shard/deadlines.ts';
import type { UnreadBudget } from './unread-budget.ts';

/** Requests of one connection that are answered at the same time. */
const mostUnderWay = 8;
/** Requests that may wait for those. Who sends more without an answer reads none. */
const mostWaiting = 1_000;
/** While so much of a connection's answers is not sent, none of its requests begins. */
const mostUnsent = 256 * 1_024;
/** How long a client may take to read an answer. */
const readingMs = 30_000;

type Line = { readonly underWay: Set<ServerResponse>; readonly waiting: (() => void)[] };

/**
 * Node answers all pipelined requests of a connection at once, and keeps the answers in memory until they are read. Here
 * a connection has few answers under way, the next one begins when some of them are read, and it ends if they are not.
 */
export function inTurn(
  handle: RequestListener,
  budget: UnreadBudget,
  timeoutMs = readingMs,
): RequestListener {
  const unread = createDeadlines<ServerResponse>(timeoutMs, (response) => response.destroy());
  const lineOf = oncePer((socket: Socket): Line => {
    const underWay = new Set<ServerResponse>();
    socket.once('close', budget.add({ unread: () => unsentOf(underWay), cut: () => socket.destroy() }));
    return { underWay, waiting: [] };
  });
  const begin = (line: Line, request: IncomingMessage, response: ServerResponse): void => {
    line.underWay.add(response);
    response.on('prefinish', () => {
      unread.add(response);
      budget.wrote(response.writableLength);
    });
    response.on('close', () => {
      unread.delete(response);
      line.underWay.delete(response);
      while (line.waiting.length > 0 && hasRoom(line)) line.waiting.shift()!();
    });
    handle(request, response);
  };
  return (request, response) => {
    const line = lineOf(request.socket);
    if (line.waiting.length === 0 && hasRoom(line)) return begin(line, request, response);
    if (line.waiting.length >= mostWaiting) {
      line.waiting.length = 0;
      request.socket.destroy();
      return;
    }
    line.waiting.push(() => {
      if (!request.socket.destroyed) begin(line, request, response);
    });
  };
}

function hasRoom({ underWay }: Line): boolean {
  if (underWay.size === 0) return true;
  if (underWay.size >= mostUnderWay) return false;
  return unsentOf(underWay) < mostUnsent;
}

function unsentOf(responses: ReadonlySet<ServerResponse>): number {
  let unsent = 0;
  for (const { writableLength } of responses) unsent += writableLength;
  return unsent;
}
