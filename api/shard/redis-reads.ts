import type { ChainableCommander, Redis } from 'ioredis';
import { clientOidKey, shardKeys } from '../../core/keys.ts';
import { within } from '../../core/lifecycle.ts';
import { isShardMark } from '../../core/order.ts';
import type { OwnedOid } from '../orders/queries/client-oids.ts';
import { RedisAwayError } from './errors.ts';

/** What Redis is asked about a shard. Each answer is a sequence, null if there is none; each may throw `RedisAwayError`. */
export type RedisReads = {
  readonly sequence: () => Promise<number | null>;
  readonly matched: () => Promise<number | null>;
  readonly persisted: () => Promise<number | null>;
  /** The last sequence given to a trader. */
  readonly writtenBy: (traderId: number) => Promise<number | null>;
  readonly ofOid: (traderId: number, clientOid: string) => Promise<number | null>;
  /** Marks client order ids that are free for `windowMs`, and says what stands there then: the mark, or what stood there before. */
  readonly markOids: (
    oids: readonly OwnedOid[],
    marking: { mark: number; windowMs: number },
  ) => Promise<number[]>;
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
    ofOid: async (traderId, clientOid) => {
      const found = await ask(redis.get(clientOidKey(shard, traderId, clientOid)));
      return found === null || isShardMark(found) ? null : found;
    },
    markOids: async (oids, { mark, windowMs }) => {
      const asked = redis.pipeline();
      for (const { traderId, clientOid } of oids) {
        const key = clientOidKey(shard, traderId, clientOid);
        asked.set(key, mark, 'PX', windowMs, 'NX').get(key);
      }
      return marksIn(asked.exec(), timeoutMs);
    },
    awaits: (sequence) => {
      redis.publish(awaited, String(sequence)).catch(() => {}); // whoever waits has the error of its own question
    },
  };
}

/** Of each pair of replies the second: what stands there. */
async function marksIn(answer: ReturnType<ChainableCommander['exec']>, timeoutMs: number): Promise<number[]> {
  try {
    const replies = await within(timeoutMs, answer, () => {
      throw new Error(`no answer in ${timeoutMs} ms`);
    });
    return (replies ?? [])
      .filter((_, i) => i % 2 === 1)
      .map(([error, text]) => {
        if (error || text === null) throw error ?? new Error('a key expired between two commands');
        return Number(text);
      });
  } catch (error) {
    throw new RedisAwayError(`Redis: ${(error as Error).message}`, { cause: error });
  }
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
