import type { Redis } from 'ioredis';
import { shardKeys } from '../core/keys.ts';
import { listen } from '../core/redis.ts';

export type CommitDelay = {
  /** Lets reports gather for the interval, but no longer than until somebody waits for one beyond `last`. */
  readonly wait: (last: number) => Promise<void>;
};

export type CommitDelayParts = {
  /** A connection of its own that comes back by itself: `connectPatiently`. */
  readonly channel: Redis;
  readonly shard: string;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
};

/**
 * A commit costs PostgreSQL and this process as much as some hundreds of orders, so that under a steady load few commits do the
 * work of many. Reads that wait for one say so on a channel; if a message is lost, they wait for the interval.
 */
export function createCommitDelay({ channel, shard, intervalMs, signal }: CommitDelayParts): CommitDelay {
  let awaited = 0;
  let hear = (): void => {};
  const hearOf = (sequence: number): void => {
    awaited = Math.max(awaited, sequence);
    hear();
  };
  listen(channel, shardKeys(shard).awaited, (sequence) => hearOf(Number(sequence)));
  signal.addEventListener('abort', () => hearOf(Number.POSITIVE_INFINITY));
  return {
    wait: (last) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, intervalMs);
        hear = () => {
          if (awaited <= last) return;
          clearTimeout(timer);
          resolve();
        };
        hear();
      }),
  };
}
