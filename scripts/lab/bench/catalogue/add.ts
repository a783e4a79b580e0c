// Adds many products at once, as rows, and waits until all of them trade.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { shardKeys } from '../../../../core/keys.ts';
import { withPostgres } from '../../../../sql/with-postgres.ts';
import type { Show } from '../../../console/progress.ts';
import { withRedis } from '../../../launcher/connections.ts';
import type { PrivateExchange } from '../../exchange.ts';
import { isKnown } from '../../is-known.ts';
import { ask } from '../../request.ts';

/** Milliseconds from the commit of their rows. */
export type Added = {
  /** Until each shard had them in its sequence. */
  readonly announcedMs: Readonly<Record<string, number>>;
  /** Until every api listed all. */
  readonly listedMs: number;
};

/** The products that a run adds to each shard. */
export type Catalogue = ReadonlyMap<string, readonly string[]>;

/** They go to the shards in turn. */
export function catalogueOf(products: number, shards: readonly string[]): Catalogue {
  const catalogue = new Map(shards.map((shard): [string, string[]] => [shard, []]));
  for (let i = 0; i < products; i++) catalogue.get(shards[i % shards.length]!)!.push(`CARD${i + 1}-USD`);
  return catalogue;
}

const pollMs = 50;
const patienceMs = 600_000;

export async function addProducts(
  exchange: PrivateExchange,
  catalogue: Catalogue,
  show: Show,
): Promise<Added> {
  const before = new Map<string, number>();
  for (const shard of catalogue.keys()) before.set(shard, await announcedIn(exchange, shard));
  await withPostgres(exchange.databaseUrl, (client) => insert(client, catalogue));
  const start = performance.now();
  const deadline = start + patienceMs;
  const until = async (what: string, isSo: () => Promise<boolean>): Promise<number> => {
    while (!(await isSo())) {
      if (performance.now() > deadline) throw new Error(`${what} after ${patienceMs / 1_000} s`);
      show(null, `${what}, ${Math.round((performance.now() - start) / 1_000)} s`);
      await sleep(pollMs);
    }
    return performance.now() - start;
  };
  const announced = [...catalogue].map(async ([shard, products]) => {
    const all = before.get(shard)! + products.length;
    const ms = await until(
      `products of ${shard} are not announced`,
      async () => (await announcedIn(exchange, shard)) === all,
    );
    return [shard, ms] as const;
  });
  const listed = until('an api does not list all products', () => isListed(exchange, catalogue));
  return { announcedMs: Object.fromEntries(await Promise.all(announced)), listedMs: await listed };
}

async function insert(client: Client, catalogue: Catalogue): Promise<void> {
  await client.query('begin');
  for (const [shard, products] of catalogue) {
    const cards = products.map((product) => product.replace('-USD', ''));
    await client.query(
      `insert into currencies (currency, name, kind, increment) select card, card, 'crypto', 1 from unnest($1::text[]) card`,
      [cards],
    );
    await client.query(
      `insert into products (product_id, shard, base_currency, quote_currency, quote_increment, base_increment,
          min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds)
        select card || '-USD', $1, card, 'USD', 0.01, 1, 1.00, 10.00, 1, 1, 1.00, 10.00 from unnest($2::text[]) card`,
      [shard, cards],
    );
  }
  await client.query('commit');
}

function announcedIn({ redisUrl }: PrivateExchange, shard: string): Promise<number> {
  return withRedis(redisUrl, (redis) => redis.hlen(shardKeys(shard).products), { shard });
}

/** One product is asked for before all of them, which are 10 MB. */
async function isListed(exchange: PrivateExchange, catalogue: Catalogue): Promise<boolean> {
  const apis = exchange.pids().api.length;
  for (const products of catalogue.values())
    if (!(await isKnown(exchange, { productId: products.at(-1)!, apis }))) return false;
  const { body } = await ask(exchange, { method: 'GET', path: '/products' });
  const listed = new Set((body as { id: string }[]).map(({ id }) => id));
  return [...catalogue.values()].flat().every((product) => listed.has(product));
}
