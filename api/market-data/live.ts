import type { Redis } from 'ioredis';
import type { DatabasePool } from 'slonik';
import { backoff, sleep } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import type { EventsEntry } from '../../core/wire/events.ts';
import type { Report } from '../../core/wire/reports.ts';
import { LagError, ShardStoppedError } from '../shard/errors.ts';
import { checkPlace, followEvents } from '../shard/follow.ts';
import { createProgress } from '../shard/progress.ts';
import type { RedisReads } from '../shard/redis-reads.ts';
import { loadView } from './load-view.ts';
import type { MarketData } from './market-data.ts';
import { applyToView, bookOf, openOrderIdsOf, tickerOf, type View } from './view.ts';

export type LiveParts = {
  /** For the events stream: a connection of its own that comes back by itself, `connectPatiently`. */
  readonly redis: Redis;
  readonly pool: DatabasePool;
  readonly redisReads: RedisReads;
  readonly shard: string;
  readonly log: Log;
  readonly readTimeoutMs: number;
  /** The reports up to a sequence come from PostgreSQL, and will not be delivered. */
  readonly onStart: (sequence: number) => void;
  /** The reports of one matching run, which the market data have taken in. */
  readonly onReports: (reports: readonly Report[], entry: EventsEntry) => void;
  /** Nothing more will be delivered, since Redis is not what it was. */
  readonly onStop: () => void;
};

export type LiveMarketData = MarketData & {
  /** Why there is nothing more to come, if so. */
  readonly stopped: () => ShardStoppedError | null;
  /** Stops the shard: Redis was found to be another one. */
  readonly stop: (why: ShardStoppedError) => void;
  /** Keeps the market data and delivers reports until the signal aborts or Redis proves to be another one. Never throws. */
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** Market data that start from PostgreSQL and are carried on by the events stream; whatever goes wrong, they start again. */
export function createLiveMarketData(parts: LiveParts): LiveMarketData {
  const { redis, pool, redisReads, shard, log, readTimeoutMs, onStart, onReports, onStop } = parts;
  const progress = createProgress({ what: `the view of shard ${shard}`, timeoutMs: readTimeoutMs });
  let view: View | null = null;
  let stopped: ShardStoppedError | null = null;
  const stopping = new AbortController();

  const current = (): View => {
    if (view) return view;
    throw stopped ?? new LagError(`the view of shard ${shard} is being built`);
  };
  const deliver = (reports: readonly Report[], entry: EventsEntry): void => {
    const taken = current();
    for (const report of reports) applyToView(taken, report);
    progress.moveTo(taken.sequence);
    onReports(reports, entry);
  };
  const follow = async (signal: AbortSignal): Promise<void> => {
    const loaded = await loadView(pool, shard);
    const from = loaded.sequence;
    const prepared = await checkPlace(redis, shard, from);
    log.info({ sequence: from, orders: loaded.orders.size }, 'market data built from PostgreSQL');
    view = loaded;
    onStart(from);
    progress.moveTo(from);
    await followEvents({ redis, shard, from, prepared, deliver, signal });
  };
  const lose = (error: unknown): void => {
    if (stopped) return;
    const hadView = view !== null;
    view = null;
    progress.moveTo(-1);
    if (error instanceof ShardStoppedError) {
      stopped = error;
      stopping.abort();
      progress.fail(error);
      onStop();
      log.fatal({ err: error }, 'Redis is not what it was: the shard stops until this process is restarted');
    } else if (hadView) log.fatal({ err: error }, 'market data lost: building them again from PostgreSQL');
    else log.warn({ error: String(error) }, 'market data cannot be built yet');
  };

  return {
    caughtUp: async () => {
      if (stopped) throw stopped;
      await progress.through((await redisReads.matched()) ?? 0);
    },
    sequence: () => current().sequence,
    through: progress.through,
    openOrders: (traderId, productId) => current().products.get(productId)?.openOrders.countOf(traderId) ?? 0,
    openOrderIds: (traderId, productId) => openOrderIdsOf(current(), traderId, productId),
    book: (productId, depth = Number.POSITIVE_INFINITY) => bookOf(current(), productId, depth),
    ticker: (productId) => tickerOf(current(), productId, Date.now()),
    restingOrder: (orderId) => current().orders.get(orderId),
    stopped: () => stopped,
    stop: lose,
    run: async (signal) => {
      for (let attempt = 0; !signal.aborted && !stopped; attempt++) {
        try {
          await follow(AbortSignal.any([signal, stopping.signal]));
        } catch (error) {
          if (signal.aborted) break;
          lose(error);
          if (!stopped) await sleep(backoff(attempt), signal);
        }
      }
      progress.fail(stopped ?? new Error(`shard ${shard} was closed`));
    },
  };
}
