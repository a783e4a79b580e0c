import type { Redis } from 'ioredis';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { shardKeys } from '../core/keys.ts';
import { sleep } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import { productStatuses } from '../core/product.ts';
import { encodeProductRow, type ProductChange } from '../core/wire/commands.ts';
import { loadFundings } from '../sql/funding.ts';
import type { Submit } from './client.ts';

const productRow = z.object({
  productId: z.string(),
  status: z.enum(productStatuses),
  version: z.number(),
  maxMakers: z.number(),
  maxSize: z.coerce.number(),
});

export type ProductWatch = {
  readonly pool: DatabasePool;
  readonly redis: Redis;
  readonly submit: Submit;
  readonly shard: string;
  readonly log: Log;
};

/** Announces every product row that is new or changed with a command, so that the change has a definite place in the sequence. */
export async function announceProducts({ pool, redis, submit, shard, log }: ProductWatch): Promise<void> {
  const fundings = await loadFundings(pool, shard);
  const rows = await pool.any(
    sql.type(productRow)`
      select product_id as "productId", status, version, max_makers as "maxMakers", base_max_size / base_increment as "maxSize"
      from products where shard = ${shard} order by product_id`,
  );
  const known = await redis.hgetall(shardKeys(shard).products);
  const changes = rows
    .map(
      ({ productId, status, version, ...rules }): ProductChange => ({
        kind: 'product',
        productId,
        status,
        version,
        funding: fundings.get(productId) ?? null,
        rules,
        time: Date.now(),
        requestId: null,
      }),
    )
    .filter((change) => known[change.productId] !== encodeProductRow(change));
  if (changes.length === 0) return;
  await submit(changes);
  log.info(
    { products: changes.map(({ productId, status }) => `${productId} ${status}`) },
    'products announced',
  );
}

/** Looks for changed rows every `pollMs` until the signal aborts. A database that is away changes nothing. */
export async function watchProducts(watch: ProductWatch, pollMs: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(pollMs, signal);
    if (signal.aborted) return;
    await announceProducts(watch).catch((error) =>
      watch.log.warn({ error: String(error) }, 'cannot look for changed products'),
    );
  }
}
