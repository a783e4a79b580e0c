import type { Queries } from '../../sql/with-timeout.ts';
import type { MergedList } from '../http/merged-list.ts';
import type { Page } from '../http/query.ts';
import { ordersByTime } from '../orders/merged.ts';
import { findHoldingOrders, type HoldFilter, type HoldingOrder } from './queries/holds.ts';

type Asked = Omit<HoldFilter, keyof Page | 'spans'>;

/** A trader's orders that pay with a currency, as a list that may be in several shards. */
export function holdsOf(reads: Queries, filter: Asked): MergedList<HoldingOrder> {
  return {
    ...ordersByTime(reads, filter.traderId),
    placeOf: ({ orderId }) => orderId,
    read: (page, spans) => findHoldingOrders(reads, { ...filter, ...page, ...(spans && { spans }) }),
  };
}
