import type { Queries } from '../../sql/with-timeout.ts';
import { cutByTime } from '../http/cut-by-time.ts';
import type { MergedList } from '../http/merged-list.ts';
import type { Page } from '../http/query.ts';
import { findLatestOrders, findOrders, findOrdersOfTrader, type OrderFilter } from './queries/orders.ts';
import type { OrderRecord } from './record.ts';

export type ListedOrders = Omit<OrderFilter, keyof Page | 'spans'>;

/** A trader's orders, as a list that may be in several shards. */
export function ordersOf(reads: Queries, filter: ListedOrders): MergedList<OrderRecord> {
  return {
    ...ordersByTime(reads, filter.traderId),
    placeOf: ({ orderId }) => orderId,
    read: async (page, spans) =>
      filter.statuses.size === 0
        ? []
        : findOrdersOfTrader(reads, { ...filter, ...page, ...(spans && { spans }) }),
  };
}

/** Where a list of a trader's orders ends in each shard, and where it is cut by the time of one of them. */
export function ordersByTime(
  reads: Queries,
  traderId: number,
): Pick<MergedList<unknown>, 'latest' | 'completed'> {
  const latestBy = (shards: readonly number[], by: number | null) =>
    findLatestOrders(reads, { traderId, shards, by });
  return {
    latest: (shards) => latestBy(shards, null),
    completed: cutByTime({
      timeOf: async (orderId) => (await findOrders(reads, [orderId]))[0]?.createdAt ?? null,
      latestBy,
    }),
  };
}
