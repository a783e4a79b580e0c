import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import { BadRequest } from '../errors.ts';
import type { CallerState } from '../http/context.ts';
import { type Listed, listed } from '../http/listed.ts';
import { type Query, readPage, readPeriod } from '../http/query.ts';
import { readScope, type Scope } from '../http/scope.ts';
import { coversFrom } from '../orders/coverage.ts';
import { seeOwnOrder } from '../orders/find-order.ts';
import { readOrderName } from '../orders/order-name.ts';
import type { OrderRecord } from '../orders/record.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import type { Seen } from '../shard/shards.ts';
import { type FillRow, findFills } from './queries/fills.ts';

/** A fill, with whose it is and what was traded. */
export type OwnFill = {
  readonly fill: FillRow;
  readonly traderId: number;
  readonly product: ListedProduct;
};

/** A page of a trader's fills, of a product or of an order. */
export async function listFills(
  api: Api,
  { caller }: Pick<CallerState, 'caller'>,
  query: Query,
): Promise<Listed<OwnFill>> {
  const scope = readScope(api.catalogue, query, undefined);
  const traderId = traderOf(caller, scope.traderId);
  const filter = { ...readPage(query), ...readPeriod(query), traderId };
  const subject = await subjectOf(api, traderId, { ...scope, order: query.one('order_id') });
  const cursorOf = ({ fill }: OwnFill): number => fill.tradeId;
  if (!subject) return listed([], cursorOf, { coversFrom: await coversFrom(api, scope.product) });
  const { product, order, reached } = subject;
  const fills = await findFills(api.readsOf(traderId, reached), {
    ...filter,
    productId: product.productId,
    order,
  });
  const own = fills.map((fill) => ({ fill, traderId, product }));
  return listed(own, cursorOf, { coversFrom: await coversFrom(api, product) });
}

type Subject = {
  readonly product: ListedProduct;
  readonly order: OrderRecord | null;
  readonly reached: Seen['reached'];
};

/** What the fills are of: an order of the trader or a product. Null if it has none, since there is no such order or it never traded. */
async function subjectOf(
  api: Api,
  traderId: number,
  { product, order: orderText }: Scope & { order: string | null },
): Promise<Subject | null> {
  if (orderText === null) {
    if (!product) throw new BadRequest('Invalid query: order_id or product_id is required');
    const { reached } = await api.shards.visibleTo(traderId, api.shards.ofProduct(product));
    return { product, order: null, reached };
  }
  const seen = await seeOwnOrder(api, traderId, readOrderName(orderText));
  if (!seen || seen.order.filledSize === 0) return null;
  const { order, reached } = seen;
  if (product && product.productId !== order.productId) return null;
  await api.catalogue.knowing([order.productId]);
  return { product: api.catalogue.product(order.productId)!, order, reached };
}
