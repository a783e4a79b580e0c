import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import { setCursors } from '../http/cursors.ts';
import { BadRequest } from '../http/errors.ts';
import { readPage, readPeriod, readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope, type Scope } from '../http/scope.ts';
import { setCoverage } from '../orders/coverage.ts';
import { findOwnOrder } from '../orders/find-order.ts';
import { readOrderName } from '../orders/order-name.ts';
import type { OrderRecord } from '../orders/record.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import { presentFill } from './presentation.ts';
import { findFills } from './queries/fills.ts';

export function fillRoutes(routes: CallerRoutes, api: Api): void {
  routes.get('/fills', async (ctx) => {
    const query = readQuery(ctx.querystring);
    const scope = readScope(api.catalogue, query, undefined);
    const traderId = traderOf(ctx.state.caller, scope.traderId);
    const filter = { ...readPage(query), ...readPeriod(query), traderId };
    const subject = await subjectOf(api, traderId, { ...scope, order: query.one('order_id') });
    if (!subject) {
      await setCoverage(api, ctx, scope.product);
      ctx.body = [];
      return;
    }
    const { product, order } = subject;
    const fills = await findFills(api.readsOf(traderId), { ...filter, productId: product.productId, order });
    setCursors(ctx, fills, ({ tradeId }) => tradeId);
    await setCoverage(api, ctx, product);
    ctx.body = fills.map((fill) => presentFill(fill, traderId, product));
  });
}

type Subject = { readonly product: ListedProduct; readonly order: OrderRecord | null };

/** What the fills are of: an order of the trader or a product. Null if it has none, since there is no such order or it never traded. */
async function subjectOf(
  api: Api,
  traderId: number,
  { product, order: orderText }: Scope & { order: string | null },
): Promise<Subject | null> {
  if (orderText === null) {
    if (!product) throw new BadRequest('Invalid query: order_id or product_id is required');
    await api.shards.visibleTo(traderId);
    return { product, order: null };
  }
  const order = await findOwnOrder(api, traderId, readOrderName(orderText));
  if (!order || order.filledSize === 0) return null;
  if (product && product.productId !== order.productId) return null;
  await api.catalogue.knowing([order.productId]);
  return { product: api.catalogue.product(order.productId)!, order };
}
