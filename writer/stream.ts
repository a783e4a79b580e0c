import type { Redis } from 'ioredis';
import { shardKeys } from '../core/keys.ts';
import { type EventsEntry, eventsId, GapError, readEventsEntry, reportsAfter } from '../core/wire/events.ts';
import type { Report } from '../core/wire/reports.ts';
import { TakenError } from './errors.ts';

/** The consumer group that drains a shard's events. The checkpoint in PostgreSQL says where it stands, not Redis. */
export const group = 'writer';
/** Decoding more at once would keep the rows of the batch before from being sent. */
const entriesAtOnce = 4;

/** The reports that follow on from what was taken before, and the entries which end with them. */
export type ReadReports = { readonly reports: Report[]; readonly entryIds: string[] };

export type Stream = {
  /**
   * Takes up to `most` reports; waits for the first of them, for `blockMs` at most. Throws `GapError` once everything
   * before the gap was taken, and `TakenError` if there is more that the group has given away.
   */
  readonly take: (most: number, blockMs: number) => Promise<ReadReports>;
};

type Connections = { readonly redis: Redis; readonly blocking: Redis };

/** Starts the group afresh behind the checkpoint, which also turns away a writer that was here before. */
export async function openStream(
  { redis, blocking }: Connections,
  { shard, consumer, checkpoint }: { shard: string; consumer: string; checkpoint: number },
): Promise<Stream> {
  const { events } = shardKeys(shard);
  await redis.multi().xgroup('DESTROY', events, group).exec();
  await redis.xgroup('CREATE', events, group, eventsId(checkpoint), 'MKSTREAM');
  let last = checkpoint;
  let waiting: Report[] = [];
  let unfinished: EventsEntry[] = [];
  let gap: GapError | null = null;

  const read = async (blockMs: number): Promise<boolean> => {
    if (gap) return false;
    const entries = await readGroup(blocking, { events, consumer, blockMs });
    for (const entry of entries) {
      if (entry.first > last + 1) {
        gap = new GapError(last + 1, entry.first);
        break;
      }
      unfinished.push(entry);
      if (entry.last <= last) continue; // after a failover the group may stand where it stood before
      waiting.push(...reportsAfter(last, entry));
      last = entry.last;
    }
    return entries.length > 0;
  };

  /** What the stream shows before a read that gives nothing is lost to this reader. */
  const assertNothingTaken = async (): Promise<void> => {
    const isThere = (await firstAfter(redis, shard, last)) !== null;
    if (isThere && !(await read(0))) throw new TakenError(last);
  };

  return {
    take: async (most, blockMs) => {
      if (waiting.length === 0 && !(await read(blockMs)) && !gap) await assertNothingTaken();
      while (waiting.length > 0 && waiting.length < most && (await read(0))) {
        // Whatever is there already joins the batch.
      }
      if (waiting.length === 0 && gap) throw gap;
      const reports = waiting.slice(0, most);
      waiting = waiting.slice(most);
      const reached = reports.at(-1)?.sequence ?? 0;
      const entryIds = unfinished.filter((entry) => entry.last <= reached).map(({ id }) => id);
      unfinished = unfinished.filter((entry) => entry.last > reached);
      return { reports, entryIds };
    },
  };
}

/** Where the events after a sequence begin; null if the stream has none. */
export async function firstAfter(redis: Redis, shard: string, sequence: number): Promise<number | null> {
  const [found] = await redis.xrangeBuffer(shardKeys(shard).events, eventsId(sequence + 1), '+', 'COUNT', 1);
  return found ? readEventsEntry(found).first : null;
}

type GroupRead = { readonly events: string; readonly consumer: string; readonly blockMs: number };

async function readGroup(blocking: Redis, { events, consumer, blockMs }: GroupRead): Promise<EventsEntry[]> {
  const count = ['COUNT', entriesAtOnce] as const;
  const reply =
    blockMs > 0
      ? await blocking.xreadgroupBuffer(
          'GROUP',
          group,
          consumer,
          ...count,
          'BLOCK',
          blockMs,
          'STREAMS',
          events,
          '>',
        )
      : await blocking.xreadgroupBuffer('GROUP', group, consumer, ...count, 'STREAMS', events, '>');
  const [stream] = (reply ?? []) as [Buffer, [Buffer, Buffer[]][]][];
  return stream ? stream[1].map(readEventsEntry) : [];
}
