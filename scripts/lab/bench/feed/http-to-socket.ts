// Orders by HTTP at a fixed rate, and how long it takes from each request until a socket is told of it.
//
// Usage: started by bench-feed.ts, which sends an `OrderToMessage`

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { frameReader, messageFrame, upgradeRequest } from '../frames.ts';
import { createPool } from '../pool.ts';
import { answerMessages } from '../tool.ts';

export type OrderToMessage = {
  readonly port: number;
  readonly token: string;
  readonly productId: string;
  readonly rate: number;
  readonly seconds: number;
};

export type ToldAfter = { readonly told: number; readonly p50: number; readonly p99: number };

const connections = 100;
const warmUpSeconds = 2;
const settlingMs = 1_000;

async function run({ port, token, productId, rate, seconds }: OrderToMessage): Promise<ToldAfter> {
  const toldAt = await watchOrders(port, productId);
  const pool = await createPool(port, connections);
  const sentAt = new Map<string, number>();
  const send = async (i: number, isCounted: boolean): Promise<void> => {
    const side = i % 2 === 0 ? 'sell' : 'buy';
    const price = `${2 + (Math.floor(i / 2) % 500) / 100}`;
    const order = { product_id: productId, trader_id: 1 + (i % 1_000), side, price, size: '1' };
    const start = performance.now();
    const { body } = await pool.send({ method: 'POST', path: '/orders', token, body: JSON.stringify(order) });
    if (isCounted) sentAt.set(JSON.parse(String(body)).id, start);
  };
  const underWay: Promise<void>[] = [];
  const start = performance.now();
  const [warmUp, total] = [rate * warmUpSeconds, rate * (warmUpSeconds + seconds)];
  for (let i = 0; i < total; ) {
    const due = ((performance.now() - start) * rate) / 1_000;
    for (; i < Math.min(due, total); i++) underWay.push(send(i, i >= warmUp));
    await sleep(1);
  }
  await Promise.all(underWay);
  await sleep(settlingMs);
  pool.close();
  const latencies = [...sentAt].flatMap(([id, sent]) => {
    const told = toldAt.get(id);
    return told === undefined ? [] : [told - sent];
  });
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.ceil(latencies.length * share) - 1] ?? Number.NaN;
  return { told: latencies.length / sentAt.size, p50: at(0.5), p99: at(0.99) };
}

/** When a socket was told that an order was received, by order. */
async function watchOrders(port: number, productId: string): Promise<ReadonlyMap<string, number>> {
  const toldAt = new Map<string, number>();
  const raw = connect({ host: '127.0.0.1', port, noDelay: true });
  raw.write(upgradeRequest(null));
  await once(raw, 'data');
  const message = (payload: Buffer): void => {
    const text = payload.toString('latin1');
    if (!text.startsWith('{"type":"received"')) return;
    const [, id] = /"order_id":"(\d+)"/.exec(text) ?? [];
    if (id !== undefined) toldAt.set(id, performance.now());
  };
  raw.on('data', frameReader({ message, pong: (frame) => raw.write(frame) }));
  raw.write(
    messageFrame(JSON.stringify({ type: 'subscribe', product_ids: [productId], channels: ['full'] })),
  );
  return toldAt;
}

answerMessages(run);
