// How long reads take, one after the other, while nothing else is at work.

import { percentiles } from '../../../console/figures.ts';
import type { PrivateExchange } from '../../exchange.ts';
import { createRandom } from '../../model/random.ts';
import { openConnection } from '../connection.ts';
import { traders } from '../orders.ts';

/** Milliseconds. */
export type Latency = { readonly p50: number; readonly p99: number };

const reads = 400;
const warmUp = 50;

async function measureReads({ port, token }: PrivateExchange, nextPath: () => string): Promise<Latency> {
  const connection = await openConnection(port);
  const latencies: number[] = [];
  for (let i = 0; i < warmUp + reads; i++) {
    const start = performance.now();
    const { status, body } = await connection.send({ method: 'GET', path: nextPath(), token });
    if (status !== 200) throw new Error(`a read was answered ${status}: ${body}`);
    if (i >= warmUp) latencies.push(performance.now() - start);
  }
  connection.close();
  const at = percentiles(latencies);
  return { p50: at(0.5), p99: at(0.99) };
}

/** Of random traders, so that few rows are in a cache. */
export function latestOrders(exchange: PrivateExchange, seed: number): Promise<Latency> {
  const random = createRandom(seed);
  return measureReads(exchange, () => `/orders?trader_id=${random(1, traders)}&status=all&limit=50`);
}

export function latestTrades(exchange: PrivateExchange, productId: string): Promise<Latency> {
  return measureReads(exchange, () => `/products/${productId}/trades?limit=50`);
}

export function bookLevels(exchange: PrivateExchange, productId: string): Promise<Latency> {
  return measureReads(exchange, () => `/products/${productId}/book?level=2`);
}
