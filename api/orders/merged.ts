import { shardMark } from '../../core/order.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { type Cursor, mergedCursors, missingIn, type Span, spansOf } from '../http/merged-cursors.ts';
import { isUpwards } from '../http/pages.ts';
import type { MergedPage } from '../http/query.ts';
import { findLatestOrders, findOrders, findOrdersOfTrader, type OrderFilter } from './queries/orders.ts';
import type { OrderRecord } from './record.ts';

type Asked = Omit<OrderFilter, 'spans'> & MergedPage & { readonly shards: readonly number[] };

/** A page of a trader's orders of several shards, merged by time. */
export async function mergedOrders(reads: Queries, { shards, cursors, ...filter }: Asked) {
  const [after, before] = await Promise.all(
    [cursors.after, cursors.before].map((cursor) => completed(reads, cursor, { ...filter, shards })),
  );
  const spans = spansOf(shards, { after: after!, before: before! });
  // Before the page is read: what comes meanwhile is then above the cut, or on the page.
  const latest =
    isUpwards(filter) || after
      ? new Map<number, number>()
      : await findLatestOrders(reads, { ...filter, shards, by: null });
  const orders = filter.statuses.size === 0 ? [] : await findOrdersOfTrader(reads, { ...filter, spans });
  const ids = orders.map(({ orderId }) => orderId);
  const baseOf = ({ shard, above, below }: Span): number => {
    if (isUpwards(filter)) return above;
    return after ? below - 1 : Math.max(latest.get(shard) ?? 0, above);
  };
  const bases = new Map(spans.map((span) => [span.shard, baseOf(span)]));
  const textOf = mergedCursors(filter.ascending ? ids.toReversed() : ids, bases);
  return { orders, cursorOf: ({ orderId }: OrderRecord) => textOf(orderId) };
}

/**
 * A cursor that says something of every shard. An order's id alone is one, too: other shards are cut at the time of that order, and
 * if it is not there, below or above all of their ids.
 */
async function completed(
  reads: Queries,
  cursor: Cursor | null,
  { traderId, shards }: Pick<Asked, 'traderId' | 'shards'>,
): Promise<Cursor | null> {
  if (!cursor) return null;
  const missing = missingIn(cursor, shards);
  if (missing.length === 0) return cursor;
  const [order] = await findOrders(reads, [cursor.row]);
  const latest = order
    ? await findLatestOrders(reads, { traderId, shards: missing, by: order.createdAt })
    : new Map(missing.map((shard) => [shard, Math.min(cursor.row, shardMark(shard + 1) - 1)]));
  const cuts = missing.map((shard) => [shard, Math.max(latest.get(shard) ?? 0, shardMark(shard))] as const);
  return { row: cursor.row, cuts: new Map([...cursor.cuts, ...cuts]) };
}
