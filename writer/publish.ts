import type { Redis } from 'ioredis';
import { shardKeys } from '../core/keys.ts';
import { BehindError } from './errors.ts';
import { group } from './stream.ts';

export type Publisher = {
  /**
   * Tells everyone how far PostgreSQL is, and lets go of the entries that end there. To be said again when nothing changed: a
   * message may be lost, and what a full Redis refuses is no error here. Resolves as soon as it is under way. Throws
   * `BehindError`, now or the next time, if Redis has less than PostgreSQL.
   */
  readonly publish: (persisted: number, entryIds: readonly string[]) => Promise<void>;
  /** Redis has heard what was said last. */
  readonly published: () => Promise<void>;
};

export type PublisherParts = {
  readonly redis: Redis;
  readonly shard: string;
  /** Sequences that the streams keep after PostgreSQL has them. */
  readonly retention: number;
};

/**
 * Redis is busy with a matching run most of the time under load, and PostgreSQL need not wait for that. Nor for a Redis that
 * refuses: trimming the streams is what makes room in it.
 */
export function createPublisher({ redis, shard, retention }: PublisherParts): Publisher {
  const { commands, events, state, persisted: channel } = shardKeys(shard);
  /** Tells readers of the channel when another session writes, which may be one with another PostgreSQL. */
  const term = `${process.pid}-${Date.now()}`;
  let published: Promise<void> = Promise.resolve();
  let trimmed = 0;

  const send = async (persisted: number, entryIds: readonly string[]): Promise<void> => {
    const pipeline = redis.pipeline().hget(state, 'sequence');
    if (entryIds.length > 0) pipeline.xack(events, group, ...entryIds);
    pipeline.hset(state, 'persisted', persisted).publish(channel, `${persisted} ${term}`);
    if (persisted - trimmed > retention / 10) {
      // No entry is longer than the retention, so none is cut short.
      const oldest = `0-${Math.max(0, persisted - retention)}`;
      pipeline.xtrim(commands, 'MINID', '~', oldest).xtrim(events, 'MINID', '~', oldest);
      trimmed = persisted;
    }
    const sequence = (await pipeline.exec())?.[0]?.[1];
    if (typeof sequence === 'string' && Number(sequence) < persisted)
      throw new BehindError(shard, persisted, sequence);
  };

  return {
    publish: async (persisted, entryIds) => {
      await published;
      published = send(persisted, entryIds);
      published.catch(() => {}); // awaited above and below
    },
    published: () => published,
  };
}
