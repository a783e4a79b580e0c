// Sockets that subscribe and count what they are sent, in a process of their own.
//
// Messages are counted by the heads of their frames: a client that parsed a million a second would be the limit.
//
// Usage: started by bench-feed.ts

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { percentiles } from '../../../console/figures.ts';
import { answerMessages } from '../tool.ts';

export type WatchOptions = {
  readonly port: number;
  readonly sockets: number;
  readonly productId: string;
  readonly channels: readonly string[];
};

/** Messages by socket, fewest and most; milliseconds from the time in a message to its arrival, of some sockets. */
export type Watched = {
  readonly messages: number;
  readonly fewest: number;
  readonly most: number;
  readonly p50: number;
  readonly p99: number;
};

type Ask = { readonly open: WatchOptions } | { readonly reset: true } | { readonly read: true };

type Watcher = { readonly raw: Socket; messages: number; rest: Buffer };

const timedSockets = 20;
const watchers: Watcher[] = [];
let latencies: number[] = [];

async function open({ port, sockets, productId, channels }: WatchOptions): Promise<number> {
  const subscribe = JSON.stringify({ type: 'subscribe', product_ids: [productId], channels });
  for (let i = 0; i < sockets; i += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, sockets - i) }, (_, j) =>
        openOne(port, subscribe, i + j < timedSockets),
      ),
    );
  return watchers.length;
}

async function openOne(port: number, subscribe: string, isTimed: boolean): Promise<void> {
  const raw = connect(port, '127.0.0.1');
  raw.setNoDelay(true);
  raw.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(raw, 'data');
  const watcher: Watcher = { raw, messages: 0, rest: Buffer.alloc(0) };
  raw.on('data', (chunk: Buffer) => take(watcher, chunk, isTimed));
  raw.on('error', () => {});
  raw.write(maskedFrame(0x81, Buffer.from(subscribe)));
  watchers.push(watcher);
}

/** The mask is zero, so the payload is as it is. */
function maskedFrame(firstByte: number, payload: Buffer): Buffer {
  const length = payload.length;
  const head =
    length < 126
      ? Buffer.from([firstByte, 0x80 | length, 0, 0, 0, 0])
      : Buffer.from([firstByte, 0xfe, length >> 8, length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

function take(watcher: Watcher, chunk: Buffer, isTimed: boolean): void {
  const bytes = watcher.rest.length > 0 ? Buffer.concat([watcher.rest, chunk]) : chunk;
  let at = 0;
  while (at + 2 <= bytes.length) {
    const short = bytes[at + 1]!;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + head > bytes.length) break;
    const length =
      head === 2 ? short : head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (at + head + length > bytes.length) break;
    const payload = bytes.subarray(at + head, at + head + length);
    if (bytes[at] === 0x89) watcher.raw.write(maskedFrame(0x8a, payload));
    else {
      watcher.messages++;
      if (isTimed) addLatency(payload);
    }
    at += head + length;
  }
  watcher.rest = bytes.subarray(at);
}

function addLatency(payload: Buffer): void {
  const [, time] = /"time":"([^"]+)"/.exec(String(payload)) ?? [];
  if (time !== undefined) latencies.push(Date.now() - Date.parse(time));
}

function read(): Watched {
  const counts = watchers.map(({ messages }) => messages);
  const at = percentiles(latencies);
  return {
    messages: counts.reduce((sum, one) => sum + one, 0),
    fewest: Math.min(...counts),
    most: Math.max(...counts),
    ...{ p50: at(0.5), p99: at(0.99) },
  };
}

function reset(): void {
  for (const watcher of watchers) watcher.messages = 0;
  latencies = [];
}

answerMessages(async (ask: Ask) => {
  if ('open' in ask) return open(ask.open);
  if ('read' in ask) return read();
  reset();
  return null;
});
