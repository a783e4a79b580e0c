import { storedStatuses } from '../../core/order.ts';
import type { Product } from '../../core/product.ts';
import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import { BadRequest } from '../errors.ts';
import type { CallerState } from '../http/context.ts';
import { type Listed, type ListedText, listed } from '../http/listed.ts';
import { readMerged } from '../http/merged-list.ts';
import { type Query, readPeriod, readQuery, readSortedPage } from '../http/query.ts';
import { readScope } from '../http/scope.ts';
import type { Shard } from '../shard/shard.ts';
import type { Seen } from '../shard/shards.ts';
import { coversFrom } from './coverage.ts';
import { ordersOf } from './merged.ts';
import { presentOrder } from './presentation.ts';
import type { OrderFilter } from './queries/orders.ts';
import type { OrderRecord } from './record.ts';

/** A page of a trader's orders, whose products the catalogue knows. */
export async function listOrders(
  api: Api,
  state: Pick<CallerState, 'caller'>,
  query: Query,
): Promise<Listed<OrderRecord>> {
  const asked = readAsked(api, state, query);
  return readOrders(api, asked, await api.shards.visibleTo(asked.traderId, asked.only));
}

/** The same as text. The same page is answered again, without a look at PostgreSQL, while nothing concerns the trader. */
export async function orderTexts(
  api: Api,
  state: Pick<CallerState, 'caller'>,
  querystring: string,
): Promise<ListedText> {
  const asked = readAsked(api, state, readQuery(querystring));
  const { traderId } = asked;
  const seen = await api.shards.visibleTo(traderId, asked.only);
  const kept = api.keptOrders.find({ traderId, key: querystring }, seen);
  if (kept) return kept;
  const list = await readOrders(api, asked, seen);
  const productOf = ({ productId }: OrderRecord) => api.catalogue.product(productId)!;
  const { cursors, coversFrom, shardsAway } = list;
  const text = JSON.stringify(list.rows.map((order) => presentOrder(order, productOf(order))));
  const answer = { cursors, coversFrom, shardsAway, text };
  const products = [...new Set(list.rows.map(productOf))];
  api.keptOrders.keep({ traderId, key: querystring }, seen, { answer, products });
  return answer;
}

type Asked = {
  readonly query: Query;
  readonly page: ReturnType<typeof readSortedPage>;
  readonly traderId: number;
  readonly product: Product | null;
  /** The shard that is asked, if it is one. */
  readonly only: Shard | null;
  readonly statuses: OrderFilter['statuses'];
};

function readAsked(api: Api, { caller }: Pick<CallerState, 'caller'>, query: Query): Asked {
  const { product, traderId: named } = readScope(api.catalogue, query, undefined);
  return {
    ...{ query, product, page: readSortedPage(query), statuses: readStatuses(query.all('status')) },
    traderId: traderOf(caller, named),
    only: product ? api.shards.ofProduct(product) : null,
  };
}

async function readOrders(api: Api, asked: Asked, seen: Seen): Promise<Listed<OrderRecord>> {
  const { query, page, traderId, product, only, statuses } = asked;
  const productId = product?.productId ?? null;
  const list = ordersOf(api.readsOf(traderId, seen.reached), {
    ...readPeriod(query),
    traderId,
    productId,
    statuses,
  });
  const shards = (only ? [only] : api.shards.all).map(api.shards.numberOf);
  const { rows: orders, cursorOf } = await readMerged(list, page, shards);
  await api.catalogue.knowing(orders.map((order) => order.productId));
  const mayLack = statuses.has('done') || statuses.has('rejected');
  const beside = { shardsAway: seen.away, coversFrom: mayLack ? await coversFrom(api, product) : [] };
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
