import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { shardKeys } from './keys.ts';
import { aborted, backoff, sleep } from './lifecycle.ts';
import type { Log } from './log.ts';
import { connectOnce, isElsewhere } from './redis.ts';

/** How often a process says that it is there, and how long it is believed. */
const tellEveryMs = 500;
const leaseMs = 3_000;

export type Sharing = {
  readonly role: 'matchers' | 'writers';
  /** Every shard there is, in the order of their numbers. Throws while PostgreSQL is away; what was known stays. */
  readonly list: () => Promise<readonly string[]>;
  /** Serves a shard until the signal aborts. Throws if it cannot be served. */
  readonly serve: (shard: string, signal: AbortSignal) => Promise<void>;
  readonly redisUrl: string;
  readonly timeoutMs: number;
  readonly log: Log;
  readonly signal: AbortSignal;
};

type Served = { readonly stop: AbortController; readonly ended: Promise<void> };

/**
 * Serves a fair share of all shards. Each process has a lease in each shard's Redis. Of the `n` that have one there, sorted, shard
 * number `i` of the list is that of process `i mod n`, so that all who see the same come to the same without a leader. For a
 * moment two may serve a shard, or none: matchers may be any number, and writers have a lock.
 */
export async function shareShards(sharing: Sharing): Promise<void> {
  const { list, log, signal } = sharing;
  const id = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const connections = new Map<string, Redis>();
  const served = new Map<string, Served>();
  let shards: readonly string[] = [];
  const connectionTo = (shard: string): Redis => {
    const { redisUrl, timeoutMs } = sharing;
    const known = connections.get(shard) ?? connectOnce(redisUrl, log, { shard, timeoutMs });
    connections.set(shard, known);
    return known;
  };
  const settle = async (shard: string, place: number): Promise<void> => {
    const present = await tellPresence(connectionTo(shard), { ...sharing, shard, id });
    const isOurs = present[place % present.length] === id;
    if (isOurs && !served.has(shard))
      served.set(
        shard,
        begin(sharing, shard, () => served.delete(shard)),
      );
    else if (!isOurs) served.get(shard)?.stop.abort();
  };
  while (!signal.aborted) {
    shards = await list().catch(() => shards);
    // A shard that is away is left as it is: whoever serves it waits for it.
    await Promise.allSettled(shards.map(settle));
    await sleep(tellEveryMs, signal);
  }
  // Others need not wait for the end of the lease.
  await Promise.allSettled(
    shards.map((shard) => connectionTo(shard).zrem(shardKeys(shard)[sharing.role], id)),
  );
  await Promise.all([...served.values()].map(({ ended }) => ended));
  for (const connection of connections.values()) connection.disconnect();
}

function begin({ serve, log, signal }: Sharing, shard: string, onEnd: () => void): Served {
  const stop = new AbortController();
  const over = AbortSignal.any([stop.signal, signal]);
  const run = async (): Promise<void> => {
    log.info({ shard }, 'serving the shard');
    let pauseMs = 0;
    for (let attempt = 0; !over.aborted; attempt++) {
      const began = performance.now();
      try {
        await serve(shard, over);
        break;
      } catch (error) {
        log.fatal({ shard, error: String(error) }, 'the shard cannot be served; the others go on');
        // It went well since: what failed then says nothing of how long to wait now.
        if (performance.now() - began > pauseMs) attempt = 0;
        pauseMs = isPassing(error) ? backoff(attempt) : 10 * backoff(attempt);
        await Promise.race([sleep(pauseMs, over), aborted(over)]);
      }
    }
    log.info({ shard }, 'no longer serving the shard');
  };
  return { stop, ended: run().finally(onEnd) };
}

/** Another node has the shard, or has half of its keys so far. */
function isPassing(error: unknown): boolean {
  return isElsewhere(error) || (error instanceof Error && error.message.startsWith('TRYAGAIN'));
}

type Presence = { readonly role: Sharing['role']; readonly shard: string; readonly id: string };

/** Renews a lease, and says who has one. By Redis' clock: those of machines differ. */
async function tellPresence(redis: Redis, { role, shard, id }: Presence): Promise<string[]> {
  const key = shardKeys(shard)[role];
  const [seconds, micros] = await redis.time();
  const now = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  const replies = await redis
    .multi()
    .zadd(key, String(now), id)
    .zremrangebyscore(key, '-inf', String(now - leaseMs))
    .zrange(key, '0', '-1')
    .exec();
  const [error, present] = replies![2]!;
  if (error) throw error;
  return (present as string[]).toSorted();
}
