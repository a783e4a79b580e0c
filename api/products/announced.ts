import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import type { Product } from '../../core/product.ts';

/** The version of a product's row that orders meet, since a `product` command has announced it; 0 if none has. */
export type FindAnnounced = (product: Product) => Promise<number>;

/** The connection must refuse at once while Redis is away: `connectOnce`. */
export function createFindAnnounced(redis: Redis): FindAnnounced {
  return async ({ shard, productId }) => {
    const row = await redis.hget(shardKeys(shard).products, productId).catch(() => null);
    return Number(row?.split(' ')[1] ?? 0);
  };
}
