// The stream by which all api processes learn what is said in the rooms of a shard's products. PostgreSQL has it before.

import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { backoff, sleep } from '../../core/lifecycle.ts';
import { connected } from '../../core/redis.ts';
import type { Message } from './presentation.ts';

/** An entry without a message says that messages of the room were not told: they are to be read. */
export type RoomEntry = { readonly productId: string; readonly message: Message | null };

/** Whoever is further behind reads from PostgreSQL. */
const mostEntries = 1_000;

export async function addEntry(
  redis: Redis,
  shard: string,
  { productId, message }: RoomEntry,
): Promise<void> {
  const fields = ['product', productId, ...(message === null ? [] : ['message', JSON.stringify(message)])];
  await redis.xadd(shardKeys(shard).rooms, 'MAXLEN', '~', mostEntries, '*', ...fields);
}

export type RoomFollowing = {
  /** A connection of its own, for it blocks, that fails rather than waits: `connectOnce`. */
  readonly redis: Redis;
  readonly shard: string;
  readonly onEntry: (entry: RoomEntry) => void;
  /** Entries before this moment may have been missed. */
  readonly onReset: () => void;
  readonly onBroken: (error: unknown) => void;
  /** The caller closes the connection then. */
  readonly signal: AbortSignal;
};

/** Follows from now on. Whatever goes wrong, it begins anew at the end of the stream, and says so. */
export async function followRooms(following: RoomFollowing): Promise<void> {
  const { redis, signal, onBroken } = following;
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await connected(redis);
      await followOnce(following, () => {
        attempt = 0;
      });
    } catch (error) {
      if (signal.aborted) return;
      onBroken(error);
      await sleep(backoff(attempt), signal);
    }
  }
}

/** How long Redis lets a read wait: less than a connection may be silent. */
const blockMs = 1_000;
const entriesAtOnce = 100;

async function followOnce(following: RoomFollowing, onRead: () => void): Promise<void> {
  const { redis, shard, onEntry, onReset, signal } = following;
  const { rooms } = shardKeys(shard);
  let position = (await redis.xrevrange(rooms, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0';
  onReset();
  while (!signal.aborted) {
    const streams = await redis.xread('COUNT', entriesAtOnce, 'BLOCK', blockMs, 'STREAMS', rooms, position);
    const entries = streams?.[0]?.[1] ?? [];
    onRead();
    // Only who is far behind may have missed what the stream keeps no more.
    if (entries.length === entriesAtOnce) onReset();
    for (const [id, fields] of entries) {
      onEntry(readEntry(fields));
      position = id;
    }
  }
}

function readEntry([, productId, , message]: readonly string[]): RoomEntry {
  return { productId: productId!, message: message === undefined ? null : JSON.parse(message) };
}
