// An HTTP/1.1 client that does no more than a benchmark needs, and so costs a fraction of Node's own.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Answer = {
  readonly status: number;
  readonly body: Buffer;
  readonly head: string;
};

/** One keep-alive connection. Only one request may be under way on it. */
export type Connection = {
  readonly send: (request: Request) => Promise<Answer>;
  readonly close: () => void;
};

export type Request = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly token: string | null;
  readonly body?: Buffer | string;
  /** Header lines, each with its line end. */
  readonly headers?: string;
};

type Waiting = { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void };

export async function openConnection(port: number): Promise<Connection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  let waiting: Waiting | undefined;
  const fail = (error: Error): void => {
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the connection was closed before the answer')));
  readAnswers(socket, (answer) => {
    // A server may say why it closes a connection (408) after the request was answered, when nobody waits any more.
    waiting?.resolve(answer);
    waiting = undefined;
  });
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        write(socket, request);
      }),
    close: () => socket.destroy(),
  };
}

function write(socket: Socket, { method, path, token, body = '', headers = '' }: Request): void {
  const authorization = token === null ? '' : `Authorization: Bearer ${token}\r\n`;
  const content =
    body.length > 0 ? `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` : '';
  socket.cork();
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}${headers}${content}\r\n`);
  if (body.length > 0) socket.write(body);
  socket.uncork();
}

const headEnd = '\r\n\r\n';

/** Answers must carry a Content-Length, which JSON answers do. */
function readAnswers(socket: Socket, take: (answer: Answer) => void): void {
  let chunks: Buffer[] = [];
  let have = 0;
  let head: string | null = null;
  let need = 0;
  const readHead = (): void => {
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    const end = all.indexOf(headEnd);
    chunks = [all];
    if (end < 0) return;
    head = all.toString('latin1', 0, end);
    need = end + headEnd.length + lengthIn(head);
  };
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    have += chunk.length;
    if (head === null) readHead();
    if (head === null || have < need) return;
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    const answer = {
      status: Number(head.slice(9, 12)),
      head,
      body: all.subarray(need - lengthIn(head), need),
    };
    [chunks, have, head] = [[], 0, null];
    take(answer);
  });
}

function lengthIn(head: string): number {
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  return Number(length ?? 0);
}

/** Seconds after which the request may be sent again. */
export function retryAfter({ head }: Answer): number {
  const [, seconds] = /\r\nretry-after: *(\d+)/i.exec(head) ?? [];
  return Number(seconds ?? 1);
}
