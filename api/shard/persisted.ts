import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { listen } from '../../core/redis.ts';
import type { Freshness } from '../../sql/freshness.ts';
import { createProgress } from './progress.ts';
import type { RedisReads } from './redis-reads.ts';

/** Knows which sequences PostgreSQL shows. */
export type Persisted = {
  /** Resolves once PostgreSQL shows every sequence up to this one. Throws `LagError`, or `RedisAwayError`. */
  readonly through: (sequence: number) => Promise<void>;
  /** The last one that is known to be shown; before every sequence at first. */
  readonly now: () => number;
  readonly close: () => void;
};

/** `channel` is a connection of its own that comes back by itself: `connectPatiently`. */
export type PersistedParts = {
  readonly channel: Redis;
  readonly redisReads: RedisReads;
  readonly shard: string;
  readonly timeoutMs: number;
  readonly freshness?: Freshness;
  readonly pollMs?: number;
};

/**
 * Listens for what the writer publishes, and tells it what is waited for. A message may be lost with a connection, so it also
 * asks while somebody waits.
 */
export function followPersisted(parts: PersistedParts): Persisted {
  const { channel, redisReads, shard, timeoutMs, freshness, pollMs = 100 } = parts;
  const progress = createProgress({ what: `PostgreSQL (shard ${shard})`, timeoutMs });
  let poll: NodeJS.Timeout | undefined;
  let closed = false;
  let asked = 0;
  let term: string | undefined;

  const hear = (message: string): void => {
    const [sequence, of] = message.split(' ');
    if (of !== term) freshness?.doubt();
    term = of;
    advance(Number(sequence));
  };
  const advance = (sequence: number): void => {
    freshness?.reaches(shard, sequence);
    if (sequence > progress.at()) progress.moveTo(sequence);
  };
  const ask = (sequence: number): void => {
    if (sequence <= asked) return;
    asked = sequence;
    redisReads.awaits(sequence);
  };
  const refresh = async (): Promise<void> => {
    try {
      advance((await redisReads.persisted()) ?? 0);
    } catch (error) {
      progress.fail(error as Error);
    }
  };
  const pollOn = async (): Promise<void> => {
    await refresh();
    poll = progress.isAwaited() && !closed ? setTimeout(pollOn, pollMs) : undefined;
  };

  listen(channel, shardKeys(shard).persisted, hear);
  channel.on('ready', refresh);
  return {
    through: (sequence) => {
      const shown = progress.through(sequence);
      if (sequence > progress.at()) ask(sequence);
      if (progress.isAwaited()) poll ??= setTimeout(pollOn, pollMs);
      return shown;
    },
    now: progress.at,
    close: () => {
      closed = true;
      clearTimeout(poll);
      channel.disconnect();
      progress.fail(new Error('the shard was closed'));
    },
  };
}
