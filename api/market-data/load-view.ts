import { type DatabasePool, sql } from 'slonik';
import { loadCheckpoint } from '../shard/queries/checkpoint.ts';
import { loadHours, loadMinutes } from './queries/load-candles.ts';
import { loadFeeds } from './queries/load-feeds.ts';
import { loadLastTrades } from './queries/load-last-trades.ts';
import { loadOpenOrders, loadWaitingOrders } from './queries/load-open-orders.ts';
import { addToView, addWaiting, newView, productView, setLastTrade, type View } from './view.ts';
import { firstHour, firstMinute, putHour, putMinute } from './window.ts';

/** Builds the view of a shard as PostgreSQL has it, all of it at one checkpoint. Throws whatever the database throws. */
export function loadView(pool: DatabasePool, shard: string): Promise<View> {
  return pool.transaction(async (transaction) => {
    await transaction.query(sql.unsafe`set transaction isolation level repeatable read, read only`);
    const { sequence, time } = await loadCheckpoint(transaction, shard);
    const view = newView(sequence, time);
    for (const feed of await loadFeeds(transaction, shard))
      productView(view, feed.productId).feedSequence = feed.feedSequence;
    for (const { productId, ...trade } of await loadLastTrades(transaction, shard))
      setLastTrade(productView(view, productId), trade);
    const now = Date.now();
    for (const { productId, minute, ...candle } of await loadMinutes(transaction, shard, firstMinute(now)))
      putMinute(productView(view, productId).window, minute, candle);
    for (const { productId, hour, lots } of await loadHours(transaction, shard, firstHour(now)))
      putHour(productView(view, productId).window, hour, lots);
    for (const order of await loadOpenOrders(transaction, shard)) {
      const product = productView(view, order.productId);
      addToView(view, product, { ...order, productId: product.productId });
    }
    for (const order of await loadWaitingOrders(transaction, shard)) {
      const product = productView(view, order.productId);
      addWaiting(product, { ...order, productId: product.productId });
    }
    return view;
  });
}
