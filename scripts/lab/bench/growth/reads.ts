// How long reads take, one after the other, while nothing else is at work.

import { openConnection } from '../connection.ts';
import type { BenchExchange } from '../exchange.ts';
import { createRandom, traders } from '../orders.ts';

/** Milliseconds. */
export type Latency = { readonly p50: number; readonly p99: number };

const reads = 400;
const warmUp = 50;

async function measureReads({ port, token }: BenchExchange, nextPath: () => string): Promise<Latency> {
  const connection = await openConnection(port);
  const latencies: number[] = [];
  for (let i = 0; i < warmUp + reads; i++) {
    const start = performance.now();
    const { status, body } = await connection.send({ method: 'GET', path: nextPath(), token });
    if (status !== 200) throw new Error(`a read was answered ${status}: ${body}`);
    if (i >= warmUp) latencies.push(performance.now() - start);
  }
  connection.close();
  latencies.sort((a, b) => a - b);
  return { p50: latencies[reads / 2]!, p99: latencies[Math.ceil(reads * 0.99) - 1]! };
}

/** Of random traders, so that few rows are in a cache. */
export function latestOrders(exchange: BenchExchange, seed: number): Promise<Latency> {
  const random = createRandom(seed);
  return measureReads(exchange, () => `/orders?trader_id=${random(1, traders)}&status=all&limit=50`);
}

export function latestTrades(exchange: BenchExchange, productId: string): Promise<Latency> {
  return measureReads(exchange, () => `/products/${productId}/trades?limit=50`);
}

export function bookLevels(exchange: BenchExchange, productId: string): Promise<Latency> {
  return measureReads(exchange, () => `/products/${productId}/book?level=2`);
}
