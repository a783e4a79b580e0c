import { storedStatuses } from '../../core/order.ts';
import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import { BadRequest } from '../errors.ts';
import type { CallerState } from '../http/context.ts';
import { type Listed, listed } from '../http/listed.ts';
import { readMerged } from '../http/merged-list.ts';
import { type Query, readPeriod, readSortedPage } from '../http/query.ts';
import { readScope } from '../http/scope.ts';
import { coversFrom } from './coverage.ts';
import { ordersOf } from './merged.ts';
import type { OrderFilter } from './queries/orders.ts';
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
  const page = readSortedPage(query);
  const only = product ? api.shards.ofProduct(product) : null;
  const { away: shardsAway } = await api.shards.visibleTo(traderId, only);
  const productId = product?.productId ?? null;
  const list = ordersOf(api.readsOf(traderId), { ...readPeriod(query), traderId, productId, statuses });
  const shards = (only ? [only] : api.shards.all).map(api.shards.numberOf);
  const { rows: orders, cursorOf } = await readMerged(list, page, shards);
  await api.catalogue.knowing(orders.map((order) => order.productId));
  const mayLack = statuses.has('done') || statuses.has('rejected');
  const beside = { shardsAway, coversFrom: mayLack ? await coversFrom(api, product) : [] };
  return listed(orders, cursorOf, beside);
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
