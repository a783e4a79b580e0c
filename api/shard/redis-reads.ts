import type { Redis } from 'ioredis';
import { clientOidKey, shardKeys } from '../../core/keys.ts';
import { within } from '../../core/lifecycle.ts';
import { RedisAwayError } from './errors.ts';

/** What Redis is asked about a shard. Each answer is a sequence, null if there is none; each may throw `RedisAwayError`. */
export type RedisReads = {
  readonly sequence: () => Promise<number | null>;
  readonly matched: () => Promise<number | null>;
  readonly persisted: () => Promise<number | null>;
  /** The last sequence given to a trader. */
  readonly writtenBy: (traderId: number) => Promise<number | null>;
  readonly ofOid: (traderId: number, clientOid: string) => Promise<number | null>;
  /** Tells the writer that a sequence is waited for. It may go unheard. */
  readonly awaits: (sequence: number) => void;
};

/** `redis` is a connection that fails at once while Redis is away: `connectOnce`. */
export function createRedisReads(parts: { redis: Redis; shard: string; timeoutMs: number }): RedisReads {
  const { redis, shard, timeoutMs } = parts;
  const { state, written, awaited } = shardKeys(shard);
  const ask = (answer: Promise<string | null>): Promise<number | null> => sequenceIn(answer, timeoutMs);
  return {
    sequence: () => ask(redis.hget(state, 'sequence')),
    matched: () => ask(redis.hget(state, 'matched')),
    persisted: () => ask(redis.hget(state, 'persisted')),
    writtenBy: (traderId) => ask(redis.hget(written, String(traderId))),
    ofOid: (traderId, clientOid) => ask(redis.get(clientOidKey(shard, traderId, clientOid))),
    awaits: (sequence) => {
      redis.publish(awaited, String(sequence)).catch(() => {}); // whoever waits has the error of its own question
    },
  };
}

async function sequenceIn(answer: Promise<string | null>, timeoutMs: number): Promise<number | null> {
  try {
    const text = await within(timeoutMs, answer, () => {
      throw new Error(`no answer in ${timeoutMs} ms`);
    });
    return text === null ? null : Number(text);
  } catch (error) {
    throw new RedisAwayError(`Redis: ${(error as Error).message}`, { cause: error });
  }
}
