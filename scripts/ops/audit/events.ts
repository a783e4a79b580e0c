// The streams from where PostgreSQL is to where Redis is.

import type { Redis } from 'ioredis';
import { shardKeys } from '../../../core/keys.ts';
import { type EventsEntry, eventsId, readEventsEntry } from '../../../core/wire/events.ts';

const entriesAtOnce = 100;

type Between = { readonly after: number; readonly through: number };

/** The entries that hold `after` + 1 to `through`; the first may begin earlier. Throws `MissingError` where some are not there. */
export async function* entriesBetween(
  redis: Redis,
  shard: string,
  { after, through }: Between,
): AsyncGenerator<EventsEntry> {
  const { events } = shardKeys(shard);
  let last = after;
  while (last < through) {
    const entries = await redis.xrangeBuffer(
      events,
      eventsId(last + 1),
      eventsId(through),
      'COUNT',
      entriesAtOnce,
    );
    for (const entry of entries.map(readEventsEntry)) {
      if (entry.first > last + 1) throw new MissingError('events', last + 1, entry.first - 1);
      yield entry;
      last = entry.last;
    }
    if (entries.length === 0) throw new MissingError('events', last + 1, through);
  }
}

/** Goes through the commands after `after`. Throws `MissingError` where the stream lacks some of them. */
export async function readWaiting(redis: Redis, shard: string, { after, through }: Between): Promise<void> {
  const { commands } = shardKeys(shard);
  if (after === through) return;
  const [holding] = await redis.xrevrange(commands, eventsId(after + 1), '-', 'COUNT', 1);
  let from = holding?.[0] ?? '-';
  let next = after + 1;
  while (next <= through) {
    const entries = await redis.xrange(commands, from, '+', 'COUNT', entriesAtOnce);
    if (entries.length === 0) throw new MissingError('commands', next, through);
    for (const [id, fields] of entries) {
      const first = Number(id.slice(2));
      if (first > next) throw new MissingError('commands', next, first - 1);
      next = first + fields[1]!.split('\n').length;
      from = `(${id}`;
    }
  }
}

export class MissingError extends Error {
  constructor(stream: string, from: number, to: number) {
    super(`the ${stream} stream lacks sequences ${from} to ${to}`);
    this.name = 'MissingError';
  }
}
