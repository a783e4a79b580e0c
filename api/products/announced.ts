import { shardKeys } from '../../core/keys.ts';
import type { Product } from '../../core/product.ts';
import type { Shards } from '../shard/shards.ts';

/** The version of a product's row that orders meet, since a `product` command has announced it; 0 if none has. */
export type FindAnnounced = (product: Product) => Promise<number>;

export function createFindAnnounced(shards: Shards): FindAnnounced {
  return async (product) => {
    const { redis, name } = shards.ofProduct(product);
    const row = await redis.hget(shardKeys(name).products, product.productId).catch(() => null);
    return Number(row?.split(' ')[1] ?? 0);
  };
}
