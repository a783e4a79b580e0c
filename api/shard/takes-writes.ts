import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { RedisAwayError } from './errors.ts';

/** Throws `RedisAwayError` if Redis refuses writes: out of memory, without its replicas, or on a full disk. Changes nothing. */
export async function assertTakesWrites(redis: Redis, shard: string): Promise<void> {
  try {
    await redis.set(shardKeys(shard).probe, 1, 'XX');
  } catch (error) {
    throw new RedisAwayError(`Redis: ${(error as Error).message}`, { cause: error });
  }
}
