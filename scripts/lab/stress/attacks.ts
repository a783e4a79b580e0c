// What one trader with one token sends to stop everyone: each row of the table, and more of their kind.

import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

export type Attacker = {
  readonly port: number;
  /** The attacker's own token. */
  readonly token: string;
  /** Aborts when the attack is over; it leaves nothing open. */
  readonly signal: AbortSignal;
};

type Attack = (attacker: Attacker) => Promise<void>;

const mebibyte = 1_048_576;

async function send(
  { port, token, signal }: Attacker,
  method: string,
  path: string,
  body?: unknown,
): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    signal,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await answer.arrayBuffer();
}

/** Does it again until the attack is over, on so many connections. What is refused is part of it. */
const repeated =
  (times: number, once: Attack): Attack =>
  async (attacker) => {
    const one = async (): Promise<void> => {
      while (!attacker.signal.aborted) await once(attacker).catch(() => {});
    };
    await Promise.all(Array.from({ length: times }, one));
  };

const batchOf =
  (count: number, order: Record<string, unknown>): Attack =>
  (attacker) =>
    send(attacker, 'POST', '/orders/batch', new Array(count).fill(order));

const vibranium = { product_id: 'VIBRANIUM-USD', side: 'sell' };
const read =
  (path: string): Attack =>
  (attacker) =>
    send(attacker, 'GET', path);

/** Writes texts to so many connections and never reads; they end with the attack. */
const unread =
  (connections: number, text: (attacker: Attacker) => string | Buffer): Attack =>
  async (attacker) => {
    const { port, signal } = attacker;
    const sockets: Socket[] = Array.from({ length: connections }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {}).pause();
      socket.write(text(attacker));
      return socket;
    });
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    for (const socket of sockets) socket.destroy();
  };

const heads = ({ token }: Attacker, method: string, path: string, times: number): string =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`.repeat(times);
const book = (level: number): string => `/products/PIKACHU-USD/book?level=${level}`;

/** A gzip body of a few kilobytes that inflates to just under what a batch may have, and never ends. */
const bomb = gzipSync(Buffer.alloc(4 * mebibyte - 1_024, ' '));
const neverEnding = ({ token }: Attacker): Buffer =>
  Buffer.concat([
    Buffer.from(
      `POST /orders/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n` +
        `Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`,
    ),
    bomb.subarray(0, -4),
  ]);

export const attacks: Readonly<Record<string, Attack>> = {
  'market sells by funds over a deep book': repeated(
    1,
    batchOf(1_000, { ...vibranium, type: 'market', funds: '1000.00' }),
  ),
  'FOK over a deep book': repeated(
    1,
    batchOf(1_000, { ...vibranium, price: '0.01', size: '1000000', time_in_force: 'FOK' }),
  ),
  'one order over all of its own': repeated(1, (attacker) =>
    send(attacker, 'POST', '/orders', {
      product_id: 'SQUIRTLE-USD',
      side: 'buy',
      price: '9.00',
      size: '1',
      stp: 'co',
    }),
  ),
  'level 3 pipelined and never read': unread(1, (attacker) => heads(attacker, 'GET', book(3), 200)),
  'level 2 pipelined and never read': unread(1, (attacker) => heads(attacker, 'GET', book(2), 200)),
  'HEAD of level 3': unread(1, (attacker) => heads(attacker, 'HEAD', book(3), 200)),
  '100 connections that never read': unread(100, (attacker) => heads(attacker, 'GET', book(3), 10)),
  'level 3 asked for and read': repeated(8, read(book(3))),
  '1,300 bodies that never end': unread(1_300, neverEnding),
  '300 reads of done orders': repeated(300, read('/orders?status=all&end_date=2001-01-01')),
  'positions of many orders': repeated(50, read('/positions')),
  'pages of a thousand': repeated(50, read('/orders?status=all&limit=1000')),
  '30 times cancel all': repeated(30, (attacker) =>
    send(attacker, 'DELETE', '/orders?product_id=BULBASAUR-USD'),
  ),
  'cancels of nothing': repeated(50, (attacker) => send(attacker, 'DELETE', '/orders/999999999')),
  'batches that rest': repeated(
    4,
    batchOf(1_000, { product_id: 'CHARMANDER-USD', side: 'buy', price: '1.00', size: '1' }),
  ),
};
