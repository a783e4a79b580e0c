import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { backoff, sleep } from '../../core/lifecycle.ts';
import { isElsewhere } from '../../core/redis.ts';
import {
  type EventsEntry,
  eventsId,
  GapError,
  readEventsEntry,
  reportsAfter,
} from '../../core/wire/events.ts';
import type { Report } from '../../core/wire/reports.ts';
import { ShardStoppedError } from './errors.ts';

/** Entries of one read. Their reports are handled in one turn of the event loop, which requests have to wait for. */
const entriesAtOnce = 8;
/** How long Redis lets a read wait, after which the place in the stream is checked. */
const blockMs = 1_000;

export type Following = {
  /** A connection of its own, for it blocks, that comes back by itself: `connectPatiently`. */
  readonly redis: Redis;
  readonly shard: string;
  /** The last sequence that is known already, and what `checkPlace` says of it. */
  readonly from: number;
  readonly prepared: boolean;
  /** Takes the reports of one entry, in order, none twice and none left out. Must not wait. */
  readonly deliver: (reports: readonly Report[], entry: EventsEntry) => void;
  /** Told after each read, whether it brought anything or not. */
  readonly onRead: () => void;
  readonly signal: AbortSignal;
};

/**
 * Delivers every report after `from` until the signal aborts, which the caller follows by disconnecting `redis`.
 * Throws `GapError` if the stream lacks what comes next, `ShardStoppedError` if it is not the stream it was, and what
 * `deliver` throws.
 */
export async function followEvents(following: Following): Promise<void> {
  const { redis, shard, deliver, onRead, signal } = following;
  let { from: position, prepared } = following;
  const goOn = async (): Promise<void> => {
    const entries = await readAfter(redis, shard, position, blockMs);
    for (const found of entries) {
      const entry = readEventsEntry(found);
      deliver(reportsAfter(position, entry), entry);
      position = entry.last;
    }
    if (entries.length > 0 || signal.aborted) return;
    const present = await checkPlace(redis, shard, position);
    if (prepared && !present) throw new ShardStoppedError(`Redis has lost shard ${shard}`);
    prepared = present;
  };
  for (let refusals = 0; !signal.aborted; ) {
    try {
      await goOn();
      onRead();
      refusals = 0;
    } catch (error) {
      if (!isElsewhere(error)) throw error;
      await sleep(backoff(refusals++), signal); // the connection goes where the stream is
    }
  }
}

/**
 * Throws if the stream cannot go on from a position. After a failover Redis may have matched less than was delivered: as long as
 * it has the commands, matching them again comes to the same, and reports up to the position are passed over. False if
 * the shard has no state yet: a new exchange, whose matcher is about to prepare it.
 */
export async function checkPlace(redis: Redis, shard: string, position: number): Promise<boolean> {
  const [sequence, matched] = await redis.hmget(shardKeys(shard).state, 'sequence', 'matched');
  if (typeof sequence !== 'string') return false;
  if (Number(sequence) < position)
    throw new ShardStoppedError(`Redis is at ${sequence} of shard ${shard}, which has been at ${position}`);
  // What was matched before the question is in the stream, or was cut off from it.
  if (Number(matched) > position && (await readAfter(redis, shard, position)).length === 0)
    throw new GapError(position + 1, Number(matched) + 1);
  return true;
}

async function readAfter(redis: Redis, shard: string, position: number, block?: number) {
  const { events } = shardKeys(shard);
  const place = ['STREAMS', events, eventsId(position)] as const;
  const streams =
    block === undefined
      ? await redis.xreadBuffer('COUNT', 1, ...place)
      : await redis.xreadBuffer('COUNT', entriesAtOnce, 'BLOCK', block, ...place);
  return (streams?.[0]?.[1] ?? []) as [id: Buffer, fields: Buffer[]][];
}
