// The steps of npm run bench:products, one after the other.

import { type Show, withProgress } from '../../../console/progress.ts';
import { isReady } from '../../../launcher/readiness.ts';
import type { PrivateExchange } from '../../exchange.ts';
import { until } from '../../faults/look.ts';
import { describeServers } from '../machine.ts';
import type { Roots } from '../usage.ts';
import { type Added, addProducts, type Catalogue, catalogueOf } from './add.ts';
import { type AtRest, measureAtRest } from './at-rest.ts';
import { buyOfEach, offerAll } from './trade.ts';

export type ProductsPlan = { readonly products: number; readonly idleSeconds: number };

export type ProductsRun = {
  readonly arrangement: string;
  /** How many were added to each shard. */
  readonly products: Readonly<Record<string, number>>;
  readonly added: Added;
  /** Orders that rested, one in each product. */
  readonly offered: number;
  /** By shard, in which product an order traded: after they were added, and after the restart. */
  readonly traded: Readonly<Record<string, string>>;
  readonly tradedAgain: Readonly<Record<string, string>>;
  /** Milliseconds from the launch of each process until it was ready. */
  readonly restartMs: Readonly<Record<string, number>>;
  /** Milliseconds from then until an order in a product of each shard was answered as traded. */
  readonly tradedAfterMs: number;
  readonly atRest: Readonly<Record<'before' | 'added' | 'restarted', AtRest>>;
};

export function measureProducts(exchange: PrivateExchange, plan: ProductsPlan): Promise<ProductsRun> {
  return withProgress((show) => measure(exchange, plan, show));
}

async function measure(
  exchange: PrivateExchange,
  { products, idleSeconds }: ProductsPlan,
  show: Show,
): Promise<ProductsRun> {
  const { roots: servers } = await describeServers(exchange);
  const rest = (when: string): Promise<AtRest> => {
    show(null, `measuring ${idleSeconds} s at rest, ${when}`);
    const roots: Roots = { ...servers, ...exchange.otherServers, ...exchange.pids() };
    return measureAtRest(roots, idleSeconds);
  };
  const catalogue = catalogueOf(products, exchange.shards);
  const before = await rest('before');
  const added = await addProducts(exchange, catalogue, show);
  show(null, 'placing an order in each product');
  const offered = await offerAll(exchange, catalogue);
  const traded = await buyOfEach(exchange, catalogue, 0);
  const restAdded = await rest('with all products');
  show(null, 'starting api, matcher and writer again');
  const restartMs = await exchange.restartProcesses();
  const start = performance.now();
  const tradedAgain = await buyAgain(exchange, catalogue);
  const tradedAfterMs = performance.now() - start;
  const restarted = await rest('after the restart');
  return {
    arrangement: exchange.arrangement,
    products: Object.fromEntries([...catalogue].map(([shard, { length }]) => [shard, length])),
    ...{ added, offered, traded, tradedAgain, restartMs, tradedAfterMs },
    atRest: { before, added: restAdded, restarted },
  };
}

/** Of another product than before the restart. */
async function buyAgain(exchange: PrivateExchange, catalogue: Catalogue): Promise<Record<string, string>> {
  await until('an api that is ready', () => isReady(`http://127.0.0.1:${exchange.port}/health/ready`));
  return buyOfEach(exchange, catalogue, 1);
}
