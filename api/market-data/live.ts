import type { DatabasePool } from 'slonik';
import type { Log } from '../../core/log.ts';
import { LagError, ShardStoppedError } from '../shard/errors.ts';
import { createProgress } from '../shard/progress.ts';
import type { RedisReads } from '../shard/redis-reads.ts';
import type { LeadingSubscriber } from '../shard/reports.ts';
import { loadView } from './load-view.ts';
import type { MarketData } from './market-data.ts';
import { addOlderTrades } from './recent-trades.ts';
import {
  applyToView,
  bookOf,
  minutesOf,
  openOrderIdsOf,
  sizeInView,
  tickerOf,
  tradesInView,
  type View,
} from './view.ts';

export type LiveParts = {
  readonly pool: DatabasePool;
  readonly redisReads: RedisReads;
  readonly shard: string;
  readonly log: Log;
  readonly readTimeoutMs: number;
};

export type LiveMarketData = MarketData & { readonly subscriber: LeadingSubscriber };

/** Market data that start from PostgreSQL and are carried on by the reports. */
export function createLiveMarketData(parts: LiveParts): LiveMarketData {
  const { pool, redisReads, shard, log, readTimeoutMs } = parts;
  const progress = createProgress({ what: `the view of shard ${shard}`, timeoutMs: readTimeoutMs });
  let loaded: View | null = null;
  let view: View | null = null;
  let stopped: ShardStoppedError | null = null;

  const current = (): View => {
    if (view) return view;
    throw stopped ?? new LagError(`the view of shard ${shard} is being built`);
  };
  const subscriber: LeadingSubscriber = {
    load: async () => {
      loaded = await loadView(pool, shard);
      const { sequence, orders } = loaded;
      log.info({ sequence, orders: orders.size }, 'market data built from PostgreSQL');
      return sequence;
    },
    reset: (sequence) => {
      view = loaded;
      loaded = null;
      progress.moveTo(sequence);
    },
    reports: (reports) => {
      const taken = current();
      taken.touched = [];
      for (const report of reports) applyToView(taken, report);
      progress.moveTo(taken.sequence);
    },
    lose: () => {
      view = null;
      progress.moveTo(-1);
    },
    end: (why) => {
      if (why instanceof ShardStoppedError) stopped = why;
      progress.fail(why);
    },
  };
  return {
    subscriber,
    isThere: () => view !== null,
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
    trades: (productId, page) => tradesInView(current(), productId, page),
    keepTrades: (productId, stored) => {
      const product = view?.products.get(productId);
      if (product) addOlderTrades(product.recentTrades, stored);
    },
    minutes: (productId) => minutesOf(current(), productId, Date.now()),
    restingOrder: (orderId) => current().orders.get(orderId),
    sizeAt: (productId, side, price) => sizeInView(current(), productId, { side, price }),
    feedSequence: (productId) => current().products.get(productId)?.feedSequence ?? 0,
    touched: () => current().touched,
  };
}
