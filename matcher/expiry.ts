import type { Redis } from 'ioredis';
import { shardKeys } from '../core/keys.ts';
import { sleep } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import type { Submit } from './client.ts';

export type ExpiryWatch = {
  readonly redis: Redis;
  readonly submit: Submit;
  readonly shard: string;
  readonly log: Log;
};

/** How long an order may outlive its time at most, if nothing else waits. */
const pollMs = 100;

/**
 * Submits a `time` command for every product that has an order whose time has come by this clock, and returns the last one's
 * sequence, or null. What happens then depends on the command alone, so that a replay does the same.
 */
export async function expireDue({ redis, submit, shard }: ExpiryWatch, now: number): Promise<number | null> {
  const due = await redis.zrangebyscore(shardKeys(shard).expiring, '-inf', now, 'LIMIT', 0, 1_000);
  if (due.length === 0) return null;
  const taken = await submit(
    due.map((productId) => ({ kind: 'time', productId, until: now, time: now, requestId: null })),
  );
  return taken.at(-1)!.sequence;
}

/** The times of its commands never fall, whatever the clock does. A command that is not matched yet is not sent again. */
export async function watchExpiry(watch: ExpiryWatch, signal: AbortSignal): Promise<void> {
  let latest = 0;
  let submitted = 0;
  while (!signal.aborted) {
    await sleep(pollMs, signal);
    latest = Math.max(latest, Date.now());
    try {
      if (await isMatched(watch, submitted)) submitted = (await expireDue(watch, latest)) ?? submitted;
    } catch (error) {
      watch.log.warn({ error: String(error) }, 'cannot expire orders; trying again');
    }
  }
}

async function isMatched({ redis, shard }: ExpiryWatch, sequence: number): Promise<boolean> {
  return Number(await redis.hget(shardKeys(shard).state, 'matched')) >= sequence;
}
