import type { Redis } from 'ioredis';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { shardKeys } from '../core/keys.ts';
import { firstSequenceOf } from '../core/order.ts';
import { prepareShard } from './client.ts';

const checkpointRow = z.object({ number: z.number(), sequence: z.number() });

/** Redis and PostgreSQL do not belong together, so that going on would give sequences a second time. */
export class StateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StateError';
  }
}

/**
 * Makes sure that Redis is not behind PostgreSQL, and gives a shard that was never used its first state. Returns PostgreSQL's
 * checkpoint. Redis may have matched less than that after a failover, as long as it has the commands: matching them again comes
 * to the same. Throws `StateError` if Redis lacks what PostgreSQL has, or if the shard has no row in `checkpoints`.
 */
export async function prepare(pool: DatabasePool, redis: Redis, shard: string): Promise<number> {
  const checkpoint = await pool.maybeOne(
    sql.type(checkpointRow)`select number, sequence from checkpoints where shard = ${shard}`,
  );
  if (!checkpoint)
    throw new StateError(`shard ${shard} has no row in checkpoints; run the migration with --seed`);
  const first = firstSequenceOf(checkpoint.number);
  const sequence = await redis.hget(shardKeys(shard).state, 'sequence');
  if (sequence === null && checkpoint.sequence < first) await prepareShard(redis, shard, first - 1);
  else if (sequence === null || Number(sequence) < checkpoint.sequence) {
    throw new StateError(
      `Redis has the commands of shard ${shard} up to ${sequence ?? 'nothing'}, but PostgreSQL holds it up to ` +
        `${checkpoint.sequence}. Redis has lost data; restore its append-only file, or empty it and refill it with ` +
        '`npm run rebuild`, before trading goes on.',
    );
  }
  return checkpoint.sequence;
}
