import type { Redis } from 'ioredis';
import { backoff, sleep } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import type { EventsEntry } from '../../core/wire/events.ts';
import type { Report } from '../../core/wire/reports.ts';
import { ShardStoppedError } from './errors.ts';
import { checkPlace, followEvents } from './follow.ts';

/**
 * Takes what the process reads of a shard's events, in order, none twice and none left out. It may neither wait nor throw, and
 * what it needs later it keeps itself, within bounds.
 */
export type Subscriber = {
  /** What follows goes on from this sequence, not from what came before: the market data are there as they were then. */
  readonly reset: (sequence: number) => void;
  /** The reports of one matching run. `entry` is what they were read from, to its end. */
  readonly reports: (reports: readonly Report[], entry: EventsEntry) => void;
  /** There is nothing more to come. */
  readonly end?: (why: Error) => void;
};

export type Reports = {
  /** Subscribers hear in the order in which they came. One that comes late is reset to where the shard is. */
  readonly subscribe: (subscriber: Subscriber) => void;
  /** Milliseconds since the last read, which comes every second where nothing is reported. */
  readonly silence: () => number;
};

/** Whom all others rely on: hears first, and says from where it can be carried on. */
export type LeadingSubscriber = Subscriber & {
  /** Gets ready to start from a sequence, and says which. */
  readonly load: () => Promise<number>;
  /** There is nothing to be shown until the next reset. */
  readonly lose: () => void;
};

export type ReportsParts = {
  /** For the events stream: a connection of its own that comes back by itself, `connectPatiently`. */
  readonly redis: Redis;
  readonly shard: string;
  readonly log: Log;
  readonly leading: LeadingSubscriber;
};

export type RunningReports = Reports & {
  /** Why there is nothing more to come, if so. */
  readonly stopped: () => ShardStoppedError | null;
  /** Stops the shard: Redis was found to be another one. */
  readonly stop: (why: ShardStoppedError) => void;
  /** Delivers reports until the signal aborts or Redis proves to be another one. Never throws. */
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** The one reader of a shard's events in a process. Whatever goes wrong, it starts again where the leading subscriber can. */
export function createReports({ redis, shard, log, leading }: ReportsParts): RunningReports {
  const subscribers: Subscriber[] = [leading];
  let at: number | null = null;
  let readAt = performance.now();
  let stopped: ShardStoppedError | null = null;
  const stopping = new AbortController();

  const deliver: Subscriber['reports'] = (reports, entry) => {
    at = entry.last;
    for (const subscriber of subscribers) subscriber.reports(reports, entry);
  };
  const follow = async (signal: AbortSignal): Promise<void> => {
    const from = await leading.load();
    const prepared = await checkPlace(redis, shard, from);
    at = from;
    for (const subscriber of subscribers) subscriber.reset(from);
    await followEvents({ redis, shard, from, prepared, deliver, onRead, signal });
  };
  const onRead = (): void => {
    readAt = performance.now();
  };
  const lose = (error: Error): void => {
    if (stopped) return;
    const wasThere = at !== null;
    at = null;
    leading.lose();
    if (error instanceof ShardStoppedError) {
      stopped = error;
      stopping.abort();
      for (const subscriber of subscribers) subscriber.end?.(error);
      log.fatal({ err: error }, 'Redis is not what it was: the shard stops until this process is restarted');
    } else if (wasThere) log.fatal({ err: error }, 'market data lost: building them again from PostgreSQL');
    else log.warn({ error: String(error) }, 'market data cannot be built yet');
  };

  return {
    subscribe: (subscriber) => {
      subscribers.push(subscriber);
      if (at !== null) subscriber.reset(at);
    },
    silence: () => performance.now() - readAt,
    stopped: () => stopped,
    stop: lose,
    run: async (signal) => {
      for (let attempt = 0; !signal.aborted && !stopped; attempt++) {
        try {
          await follow(AbortSignal.any([signal, stopping.signal]));
        } catch (error) {
          if (signal.aborted) break;
          lose(error as Error);
          if (!stopped) await sleep(backoff(attempt), signal);
        }
      }
      if (!stopped) leading.end?.(new Error(`shard ${shard} was closed`));
    },
  };
}
