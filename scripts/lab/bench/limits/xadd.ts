// The limit of accepting: one XADD for each order, pipelined, into the same Redis with the same promise of being on disk.
//
// The commands are written to the socket as prepared bytes, so that Redis is measured and not a client library.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connectNow } from '../../../../core/redis.ts';
import { copiedRows } from '../copied-rows.ts';
import type { BenchExchange } from '../exchange.ts';
import { startTimer, type Taken } from './taken.ts';

const key = 'bench:xadd';
/** XADDs of one write, and writes that may be under way, as the batches and connections of a run. */
const pipelined = 1_000;
const underWay = 4;

const linesQuery = `
  select concat_ws(' ', 'place', trader_id, product_id, side, price, size, '-', time_in_force, '-', self_trade_prevention,
    coalesce(client_oid, '-'), (extract(epoch from created_at) * 1000)::bigint, 'bench')
  from orders order by id`;

function word(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

function xadd(line: string): string {
  return `*5\r\n$4\r\nXADD\r\n${word(key)}$1\r\n*\r\n$5\r\nlines\r\n${word(line)}`;
}

export async function measureXadd(
  { redisUrl, databaseUrl }: BenchExchange,
  { redis: pid }: { readonly redis: number },
): Promise<Taken> {
  const batches = await prepare(databaseUrl);
  const socket = await openRedis(redisUrl);
  const timer = startTimer(pid);
  await send(socket, batches);
  const taken = timer();
  socket.destroy();
  const redis = await connectNow(redisUrl);
  await redis.unlink(key);
  redis.disconnect();
  return taken;
}

type Pipelined = { readonly bytes: Buffer; readonly count: number };

async function prepare(databaseUrl: string): Promise<Pipelined[]> {
  const batches: Pipelined[] = [];
  let waiting: string[] = [];
  const cut = (): void => {
    if (waiting.length > 0) batches.push({ bytes: Buffer.from(waiting.join('')), count: waiting.length });
    waiting = [];
  };
  for await (const lines of copiedRows(databaseUrl, linesQuery))
    for (const line of lines) if (waiting.push(xadd(line)) === pipelined) cut();
  cut();
  return batches;
}

/** `path?password=…` for a Unix socket, as ioredis reads it, or a URL. */
async function openRedis(url: string): Promise<Socket> {
  const given = new URL(url, 'unix://socket');
  const password = url.startsWith('/') ? given.searchParams.get('password') : given.password;
  const socket = url.startsWith('/')
    ? connect({ path: given.pathname })
    : connect({ host: given.hostname, port: Number(given.port) });
  await once(socket, 'connect');
  if (password) {
    socket.write(`*2\r\n$4\r\nAUTH\r\n${word(password)}`);
    await once(socket, 'data');
  }
  return socket;
}

const lineFeed = 10;

/** Each answer is the id of an entry, in two lines. */
async function send(socket: Socket, batches: readonly Pipelined[]): Promise<void> {
  const total = batches.reduce((sum, { count }) => sum + count, 0);
  let [next, sent, answered] = [0, 0, 0];
  const fill = (): void => {
    while (next < batches.length && sent - answered / 2 < underWay * pipelined) {
      const { bytes, count } = batches[next++]!;
      socket.write(bytes);
      sent += count;
    }
  };
  fill();
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    if (chunk.includes('-')) refuseErrors(chunk);
    for (const byte of chunk) if (byte === lineFeed) answered++;
    if (answered === total * 2) break;
    fill();
  }
}

function refuseErrors(chunk: Buffer): void {
  const [error] = /^-\w+ .*$/m.exec(chunk.toString('latin1')) ?? [];
  if (error) throw new Error(`Redis refused an XADD: ${error}`);
}
