// How matching does as books grow: orders that add and take, on books of a given number of resting orders.

import type { PrivateExchange } from '../../exchange.ts';
import { describeServers } from '../machine.ts';
import { measureLoad } from '../measure.ts';
import { evenly } from '../options.ts';
import type { Shape } from '../orders.ts';
import { prepareProducts } from '../products.ts';
import { bookLevels, type Latency } from './reads.ts';

export type BookRow = {
  readonly resting: number;
  readonly matchedPerSecond: number;
  readonly redisSecondsPerMillion: number;
  readonly bookLevels: Latency;
};

export type BooksPlan = {
  readonly exchange: PrivateExchange;
  readonly sizes: readonly number[];
  readonly orders: number;
  readonly seed: number;
  readonly take: (row: BookRow) => void;
};

export async function growBooks(plan: BooksPlan): Promise<BookRow[]> {
  const rows: BookRow[] = [];
  for (const resting of plan.sizes) {
    const row = await measureBook(plan, resting);
    rows.push(row);
    plan.take(row);
  }
  return rows;
}

async function measureBook({ exchange, orders, seed }: BooksPlan, resting: number): Promise<BookRow> {
  const productId = `BOOK${resting}-USD`;
  const products = evenly([productId]);
  const sizes = { from: 1, to: 1 };
  await prepareProducts(exchange, { products, sizes });
  const { roots } = await describeServers(exchange);
  const load = { products, sizes, seed, batch: 1_000, connections: 4, cancels: 0, async: true };
  const place = (shape: Shape, orders: number) => measureLoad(exchange, roots, { ...load, shape, orders });
  await place('resting', resting);
  const { perSecond, cpuSeconds } = await place('steady', orders);
  return {
    resting,
    matchedPerSecond: perSecond.matched,
    redisSecondsPerMillion: (cpuSeconds.redis! / orders) * 1_000_000,
    bookLevels: await bookLevels(exchange, productId),
  };
}
