// Sockets that subscribe and count what they are sent, in a process of their own.
//
// Messages are counted by the heads of their frames: a client that parsed a million a second would be the limit.
//
// Usage: started by bench-feed.ts

import { once } from 'node:events';
import { connect } from 'node:net';
import { percentiles } from '../../../console/figures.ts';
import { frameReader, messageFrame, upgradeRequest } from '../frames.ts';
import { answerMessages } from '../tool.ts';

export type WatchOptions = {
  readonly port: number;
  readonly sockets: number;
  readonly productId: string;
  readonly channels: readonly string[];
  /** Whether delivery is timed, of some sockets: that reads every message. */
  readonly isTimed: boolean;
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

type Watcher = { messages: number };

const timedSockets = 20;
const watchers: Watcher[] = [];
let latencies: number[] = [];

async function open({ port, sockets, productId, channels, isTimed }: WatchOptions): Promise<number> {
  const subscribe = JSON.stringify({ type: 'subscribe', product_ids: [productId], channels });
  for (let i = 0; i < sockets; i += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, sockets - i) }, (_, j) =>
        openOne(port, subscribe, isTimed && i + j < timedSockets),
      ),
    );
  return watchers.length;
}

async function openOne(port: number, subscribe: string, isTimed: boolean): Promise<void> {
  const raw = connect(port, '127.0.0.1');
  raw.setNoDelay(true);
  raw.write(upgradeRequest(null));
  await once(raw, 'data');
  const watcher: Watcher = { messages: 0 };
  const read = frameReader({
    message: (payload) => {
      watcher.messages++;
      if (isTimed) addLatency(payload);
    },
    pong: (frame) => raw.write(frame),
  });
  raw.on('data', read);
  raw.on('error', () => {});
  raw.write(messageFrame(subscribe));
  watchers.push(watcher);
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
