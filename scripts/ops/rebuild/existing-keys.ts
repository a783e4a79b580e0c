// What stands in Redis before a rebuild. Only an empty shard is filled, or what an interrupted rebuild left of one.

import type { ChainableCommander, Redis } from 'ioredis';
import { keysOfShard, shardKeys } from '../../../core/keys.ts';
import { Refusal } from './refusal.ts';

/** `marked`: a rebuild was interrupted, so that all there is of the shard is that rebuild's. */
export type ExistingKeys = { readonly marked: boolean; readonly leftOver: readonly string[] };

/** Throws `Refusal` if Redis has anything of the shard that is not surely worth nothing. */
export async function findExisting(redis: Redis, shard: string): Promise<ExistingKeys> {
  const keys = shardKeys(shard);
  const [marker, state, aside] = await Promise.all([
    redis.exists(keys.rebuild),
    redis.hkeys(keys.state),
    redis.exists(keys.asideCommands),
  ]);
  if (aside === 1) throw new Refusal('A rebuild --without was interrupted: say the same once more.');
  // A writer that waits on an empty Redis has made its group, and says how far PostgreSQL is.
  const isUnprepared = state.every((field) => field === 'persisted');
  if (marker === 1 && isUnprepared) return { marked: true, leftOver: [] };
  const found = await findSome(redis, shard);
  const events = await streamLength(redis, keys.events, found);
  const isWaiting = (key: string): boolean =>
    (key === keys.events && events === 0) || (key === keys.state && isUnprepared);
  if (found.every(isWaiting)) return { marked: false, leftOver: found };
  const known = state.length > 0 ? `is at sequence ${await redis.hget(keys.state, 'sequence')}` : 'has keys';
  throw new Refusal(
    `Redis is not empty: shard ${shard} ${known} (${found.slice(0, 3).join(', ')}${found.length > 3 ? ', …' : ''}). ` +
      'If it is older than PostgreSQL, keep a copy of its append-only files and delete these keys; otherwise it needs no rebuild.',
  );
}

/** Removes what `findExisting` found worthless, but for keys that are to stay. */
export async function removeExisting(
  redis: Redis,
  shard: string,
  existing: ExistingKeys,
  staying: readonly string[] = [],
): Promise<void> {
  if (existing.leftOver.length > 0) await redis.unlink(...existing.leftOver);
  if (!existing.marked) return;
  const { rebuild, rooms } = shardKeys(shard);
  for await (const page of redis.scanStream({ match: keysOfShard(shard), count: 10_000 })) {
    // The marker goes last, so that this may be interrupted as well.
    const keys = (page as string[]).filter(
      (key) => key !== rebuild && key !== rooms && !staying.includes(key),
    );
    if (keys.length > 0) await redis.unlink(...keys);
  }
  await redis.unlink(rebuild);
}

const enough = 10;

async function findSome(redis: Redis, shard: string): Promise<string[]> {
  const found = new Set<string>();
  for await (const page of redis.scanStream({ match: keysOfShard(shard), count: 10_000 })) {
    // What is said in rooms goes on while there is no shard, and is PostgreSQL's.
    for (const key of page as string[]) if (key !== shardKeys(shard).rooms) found.add(key);
    if (found.size > enough) break;
  }
  return [...found].sort();
}

async function streamLength(redis: Redis, key: string, found: readonly string[]): Promise<number> {
  return found.includes(key) ? redis.xlen(key) : 0;
}

/** Sends a pipeline and throws the first error in it, such as Redis being out of memory. */
export async function send(pipeline: ChainableCommander): Promise<void> {
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}
