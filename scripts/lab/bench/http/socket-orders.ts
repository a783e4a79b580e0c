// Orders by socket, each answered with its verdict: a number of them always under way, or at a fixed rate.
//
// At a fixed rate latency counts from the moment at which an order was due: see open-loop.ts.
//
// Usage: started by bench-http.ts, which sends a `SocketOptions`

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { frameReader, messageFrame, upgradeRequest } from '../frames.ts';
import { createOrders, jsonOf } from '../orders.ts';
import { answerMessages } from '../tool.ts';
import type { CannonResult, SocketOptions } from './runs.ts';

/** The first seconds compile the code that the others run. */
const warmUpSeconds = 2;

type Seen = { latencies: number[]; errors: number };

type OrderSocket = {
  /** Orders that are `due` now go out in one write. */
  readonly send: (dues: readonly number[]) => void;
  readonly underWay: () => number;
  readonly close: () => void;
};

type SocketParts = {
  readonly options: SocketOptions;
  readonly nextOrder: () => string;
  readonly seen: Seen;
  /** Called for each piece that was read, with how many answers it had. */
  readonly answered: (socket: OrderSocket, count: number) => void;
};

async function openOrderSocket({ options, nextOrder, seen, answered }: SocketParts): Promise<OrderSocket> {
  const raw = connect({ host: '127.0.0.1', port: options.port, noDelay: true });
  raw.on('error', () => {});
  raw.write(upgradeRequest(options.token));
  await once(raw, 'data');
  const dues = new Map<number, number>();
  let id = 0;
  let count = 0;
  const read = frameReader({
    message: (payload) => {
      // {"id":17,"status":200,...
      const head = payload.toString('latin1', 0, 40);
      const end = head.indexOf(',');
      const answeredId = Number(head.slice(6, end));
      seen.latencies.push(performance.now() - dues.get(answeredId)!);
      dues.delete(answeredId);
      if (!head.startsWith(',"status":200', end)) seen.errors++;
      count++;
    },
    pong: (frame) => raw.write(frame),
  });
  const socket: OrderSocket = {
    send: (given) => {
      const frames = given.map((due) => {
        dues.set(++id, due);
        return messageFrame(`{"id":${id},"method":"order.place","params":${nextOrder()}}`);
      });
      raw.write(Buffer.concat(frames));
    },
    underWay: () => dues.size,
    close: () => raw.destroy(),
  };
  raw.on('data', (chunk: Buffer) => {
    count = 0;
    read(chunk);
    if (count > 0) answered(socket, count);
  });
  return socket;
}

async function run(options: SocketOptions): Promise<CannonResult & { readonly sent: number }> {
  const { sockets: howMany, inFlight, rate } = options;
  const next = createOrders(options.mix);
  const seen: Seen = { latencies: [], errors: 0 };
  let isEnding = false;
  const parts: SocketParts = {
    ...{ options, seen },
    nextOrder: () => jsonOf(next()),
    answered: (socket, count) => {
      if (rate === null && !isEnding) socket.send(Array<number>(count).fill(performance.now()));
    },
  };
  const sockets = await Promise.all(Array.from({ length: howMany }, () => openOrderSocket(parts)));
  const work = async (seconds: number): Promise<void> => {
    if (rate === null) await sleep(seconds * 1_000);
    else await sendAtRate(sockets, rate, seconds);
  };
  if (rate === null)
    for (const socket of sockets) socket.send(Array<number>(inFlight).fill(performance.now()));
  await work(warmUpSeconds);
  const warmedUp = seen.latencies.length;
  Object.assign(seen, { latencies: [], errors: 0 });
  const start = performance.now();
  await work(options.seconds);
  const seconds = (performance.now() - start) / 1_000;
  const answers = seen.latencies.length;
  isEnding = true;
  while (sockets.some(({ underWay }) => underWay() > 0)) await sleep(10);
  for (const { close } of sockets) close();
  const { latencies, errors } = seen;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.ceil(latencies.length * share) - 1]!;
  const [p50, p90, p99, p999] = [at(0.5), at(0.9), at(0.99), at(0.999)];
  const sent = warmedUp + latencies.length;
  return { sent, requestsPerSecond: answers / seconds, p50, p90, p99, p999, errors };
}

async function sendAtRate(sockets: readonly OrderSocket[], rate: number, seconds: number): Promise<void> {
  const start = performance.now();
  const due = (n: number): number => start + (n * 1_000) / rate;
  for (let i = 0; i < rate * seconds; ) {
    const dues: number[] = [];
    for (; i < rate * seconds && due(i) <= performance.now(); i++) dues.push(due(i));
    sockets.forEach((socket, s) => {
      const own = dues.filter((_, n) => n % sockets.length === s);
      if (own.length > 0) socket.send(own);
    });
    await sleep(1);
  }
}

answerMessages(run);
