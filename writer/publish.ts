import type { Redis } from 'ioredis';
import { shardKeys } from '../core/keys.ts';
import { group } from './stream.ts';

export type Publisher = {
  /**
   * Tells everyone how far PostgreSQL is, and lets go of the entries that end there. Says it again when nothing changed, since
   * a message may be lost. Resolves as soon as it is under way, and rejects if what was said before did not get there.
   */
  readonly publish: (persisted: number, entryIds: readonly string[]) => Promise<void>;
  /** What was said last has got there. */
  readonly published: () => Promise<void>;
};

export type PublisherParts = {
  readonly redis: Redis;
  readonly shard: string;
  /** Sequences that the streams keep after PostgreSQL has them. */
  readonly retention: number;
};

/** Redis is busy with a matching run most of the time under load, and PostgreSQL need not wait for that. */
export function createPublisher({ redis, shard, retention }: PublisherParts): Publisher {
  const { commands, events, state, persisted: channel } = shardKeys(shard);
  let published: Promise<void> = Promise.resolve();
  let trimmed = 0;

  const send = async (persisted: number, entryIds: readonly string[]): Promise<void> => {
    const pipeline = redis.pipeline();
    if (entryIds.length > 0) pipeline.xack(events, group, ...entryIds);
    pipeline.hset(state, 'persisted', persisted).publish(channel, String(persisted));
    if (persisted - trimmed > retention / 10) {
      // No entry is longer than the retention, so none is cut short.
      const oldest = `0-${Math.max(0, persisted - retention)}`;
      pipeline.xtrim(commands, 'MINID', '~', oldest).xtrim(events, 'MINID', '~', oldest);
      trimmed = persisted;
    }
    await pipeline.exec();
  };

  return {
    publish: async (persisted, entryIds) => {
      await published;
      published = send(persisted, entryIds);
      published.catch(() => {}); // who says or asks more next hears of it
    },
    published: () => published,
  };
}
