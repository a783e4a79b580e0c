import { randomBytes } from 'node:crypto';
import test from 'ava';
import { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { loadScript } from '../../matcher/scripts.ts';

/** A connection for a test file, and names of shards that no other test has. The shards' keys go when the file is done. */
export function useRedis(): { redis: Redis; newShard: () => string } {
  // What a test sends in one turn goes in one piece, so that Redis syncs its file once and not for every command.
  const redis = new Redis(redisUrl(), { enableAutoPipelining: true });
  const shards: string[] = [];
  test.before(async () => {
    for (const name of ['submit', 'match']) await redis.script('LOAD', loadScript(name).source);
  });
  test.after.always(async () => {
    await dropShards(redis, shards);
    redis.disconnect();
  });
  const newShard = (): string => {
    const shard = `test-${randomBytes(6).toString('hex')}`;
    shards.push(shard);
    return shard;
  };
  return { redis, newShard };
}

export function redisUrl(): string {
  const url = process.env.REDIS_URL;
  if (!url) throw new Error('REDIS_URL is not set: run the tests with `npm test`');
  return url;
}

/** Deletes every key of the shards, whatever it is called: what their keys have in common is the hash tag. */
async function dropShards(redis: Redis, shards: readonly string[]): Promise<void> {
  const tags = new Set(shards.map((shard) => shardKeys(shard).state.replace(/[^}]*$/, '')));
  for await (const found of redis.scanStream({ count: 10_000 })) {
    const keys = (found as string[]).filter((key) => tags.has(key.replace(/}.*$/s, '}')));
    if (keys.length > 0) await redis.unlink(...keys);
  }
}
