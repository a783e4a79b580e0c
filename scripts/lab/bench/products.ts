// Makes the products of a benchmark fit its orders, through the API.

import type { Redis } from 'ioredis';
import { shardKeys } from '../../../core/keys.ts';
import { UsageError } from '../../console/errors.ts';
import { withRedis } from '../../launcher/connections.ts';
import type { PrivateExchange } from '../exchange.ts';
import { until } from '../faults/look.ts';
import { isKnown } from '../is-known.ts';
import { askFor } from '../request.ts';
import { fundedProduct } from './http/deposits.ts';
import { cards, type ProductShare, type SizeRange } from './options.ts';

type Wanted = { readonly products: readonly ProductShare[]; readonly sizes: SizeRange };

/** Adds products that there are not, and lets orders of cards be as large as wanted. */
export async function prepareProducts(exchange: PrivateExchange, { products, sizes }: Wanted): Promise<void> {
  const largest = { base_max_size: String(sizes.to) };
  if (products.some(({ productId }) => productId === fundedProduct))
    throw new UsageError(`Orders of ${fundedProduct} need money first; npm run bench:http measures them.`);
  const missing = products.filter(({ productId }) => !cards.includes(productId));
  for (const { productId, shard } of missing) {
    const money = { quote_increment: '0.01', base_increment: '1', min_price: '1', max_price: '10' };
    await askFor(exchange, { path: '/products', body: { id: productId, shard, ...money, ...largest } });
  }
  if (sizes.to > 1)
    for (const { productId } of products)
      await askFor(exchange, { method: 'PUT', path: `/products/${productId}`, body: largest });
  await untilTraded(exchange, missing);
}

/** A product trades once the matcher has announced it and every api knows it, within a second. */
async function untilTraded(exchange: PrivateExchange, products: readonly ProductShare[]): Promise<void> {
  const apis = exchange.pids().api.length;
  for (const product of products) {
    const question = { productId: product.productId, apis };
    await until(
      `that ${product.productId} is traded`,
      async () => (await isAnnounced(exchange, product)) && (await isKnown(exchange, question)),
    );
  }
}

function isAnnounced({ redisUrl, shards }: PrivateExchange, product: ProductShare): Promise<boolean> {
  const { productId, shard = shards[0]! } = product;
  const find = async (redis: Redis) => (await redis.hexists(shardKeys(shard).products, productId)) === 1;
  return withRedis(redisUrl, find, { shard });
}
