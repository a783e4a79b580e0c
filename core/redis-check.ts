import type { Redis } from 'ioredis';
import { shardKeys } from './keys.ts';

/** A Redis that would make lies of the answers, or lets us do too little. The message says what to change. */
export class UnusableRedisError extends Error {
  override name = 'UnusableRedisError';
}

export type RedisCheck = {
  /** Whether a Redis may forget what was answered: for experiments. */
  readonly allowLossy: boolean;
  readonly minReplicas: number;
};

/** Throws `UnusableRedisError`, or what Redis says when it is away. INFO tells all, since many may not ask for CONFIG. */
export async function assertUsable(redis: Redis, shard: string, check: RedisCheck): Promise<void> {
  await assertRights(redis, shard, check.minReplicas);
  if (check.allowLossy) return;
  const info = await redis.info();
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  if (field('aof_enabled') === '0')
    throw new UnusableRedisError(
      'Redis has appendonly no: a restart would lose what was answered. Set appendonly yes and appendfsync always, or ALLOW_LOSSY_REDIS=on',
    );
  const policy = field('maxmemory_policy');
  if (!['noeviction', ''].includes(policy))
    throw new UnusableRedisError(
      `Redis has maxmemory-policy ${policy}: it would drop books and balances. Set noeviction, or ALLOW_LOSSY_REDIS=on`,
    );
}

/** What a user of Redis needs who may do no more. Without the channels everything works, ten times slower. */
async function assertRights(redis: Redis, shard: string, minReplicas: number): Promise<void> {
  const { state, awaited } = shardKeys(shard);
  const asked: Record<string, () => Promise<unknown>> = {
    [`~{${shard}}:*`]: () => redis.hget(state, 'sequence'),
    [`&{${shard}}:*`]: () => redis.publish(awaited, '0'),
    '+evalsha +script|load': () => redis.script('LOAD', 'return 1'),
    '+info': () => redis.info('server'),
    ...(minReplicas > 0 ? { '+wait': () => redis.wait(0, 1) } : {}),
  };
  for (const [right, ask] of Object.entries(asked)) {
    try {
      await ask();
    } catch (error) {
      if (!/^NOPERM/.test((error as Error).message)) throw error;
      throw new UnusableRedisError(
        `the user of REDIS_URL lacks the right ${right} (${(error as Error).message}); docs/operations.md lists what it needs`,
      );
    }
  }
}
