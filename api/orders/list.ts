import { storedStatuses } from '../../core/order.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import { BadRequest } from '../errors.ts';
import type { CallerState } from '../http/context.ts';
import { type Listed, listed } from '../http/listed.ts';
import { type MergedPage, type Page, type Query, readPeriod, readSortedPage } from '../http/query.ts';
import { readScope } from '../http/scope.ts';
import { coversFrom } from './coverage.ts';
import { mergedOrders } from './merged.ts';
import { findOrdersOfTrader, type OrderFilter } from './queries/orders.ts';
import type { OrderRecord } from './record.ts';

/** A page of a trader's orders, whose products the catalogue knows. */
export async function listOrders(
  api: Api,
  { caller }: Pick<CallerState, 'caller'>,
  query: Query,
): Promise<Listed<OrderRecord>> {
  const { product, traderId: named } = readScope(api.catalogue, query, undefined);
  const traderId = traderOf(caller, named);
  const statuses = readStatuses(query.all('status'));
  const { cursors, ...page } = readSortedPage(query);
  const only = product ? api.shards.ofProduct(product) : null;
  const { away: shardsAway } = await api.shards.visibleTo(traderId, only);
  const productId = product?.productId ?? null;
  const filter = { ...page, ...readPeriod(query), traderId, productId, statuses };
  const shards = (only ? [only] : api.shards.all).map(api.shards.numberOf);
  const reads = api.readsOf(traderId);
  const { orders, cursorOf } = await (shards.length > 1
    ? mergedOrders(reads, { ...filter, shards, cursors })
    : ordersOfShard(reads, { ...filter, ...within(shards[0]!, cursors) }));
  await api.catalogue.knowing(orders.map((order) => order.productId));
  const mayLack = statuses.has('done') || statuses.has('rejected');
  const beside = { shardsAway, coversFrom: mayLack ? await coversFrom(api, product) : [] };
  return listed(orders, cursorOf, beside);
}

/** The cursor of a list of several shards leads into a list of one of them, too. */
function within(shard: number, { after, before }: MergedPage['cursors']): Pick<Page, 'after' | 'before'> {
  const [cut, floor] = [after?.cuts.get(shard), before?.cuts.get(shard)];
  return {
    after: cut === undefined ? (after?.row ?? null) : cut + 1,
    before: floor ?? before?.row ?? null,
  };
}

type OrdersPage = {
  readonly orders: readonly OrderRecord[];
  readonly cursorOf: (order: OrderRecord) => number | string;
};

async function ordersOfShard(reads: Queries, filter: OrderFilter): Promise<OrdersPage> {
  const orders = filter.statuses.size === 0 ? [] : await findOrdersOfTrader(reads, filter);
  return { orders, cursorOf: ({ orderId }) => orderId };
}

/** Orders that are read are matched: no row is ever `pending`. */
const neverStored = ['pending'];

function readStatuses(given: readonly string[]): OrderFilter['statuses'] {
  if (given.length === 0) return new Set(['open', 'active']);
  if (given.includes('all')) return new Set(storedStatuses);
  for (const status of given)
    if (!neverStored.includes(status) && !storedStatuses.some((stored) => stored === status))
      throw new BadRequest('Invalid status: must be open, pending, active, done, rejected or all');
  return new Set(storedStatuses.filter((status) => given.includes(status)));
}
