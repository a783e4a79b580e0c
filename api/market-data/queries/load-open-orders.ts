import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { sides } from '../../../core/order.ts';

const row = z.object({
  orderId: z.number(),
  traderId: z.number(),
  productId: z.string(),
  side: z.enum(sides),
  price: z.number(),
  remaining: z.number(),
  place: z.number(),
  turn: z.number().nullable(),
});
export type OpenOrder = z.output<typeof row>;

/** A page takes a fraction of what a statement may. */
const usualPageSize = 20_000;

/** The resting orders of a shard, in time priority. Read in pages of the index of open orders, since there may be millions. */
export async function loadOpenOrders(
  connection: CommonQueryMethods,
  shard: string,
  pageSize = usualPageSize,
): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (;;) {
    const { traderId, orderId } = orders.at(-1) ?? { traderId: 0, orderId: 0 };
    const page = await connection.any(sql.type(row)`
      select o.id as "orderId", o.trader_id as "traderId", o.product_id as "productId", o.side,
        o.current_price as price, o.shown_size as remaining, o.current_place as place, o.turn
      from orders_now o join products p using (product_id)
      where p.shard = ${shard} and o.status = 'open' and (o.trader_id, o.id) > (${traderId}, ${orderId})
      order by o.trader_id, o.id limit ${pageSize}`);
    for (const order of page) orders.push(order);
    if (page.length < pageSize)
      return orders.sort((one, other) => one.place - other.place || (one.turn ?? 0) - (other.turn ?? 0));
  }
}

const waitingRow = row.omit({ price: true, place: true, turn: true });
export type WaitingOrder = z.output<typeof waitingRow>;

/** The stop orders of a shard that wait, in the order of their ids. A trader has hundreds in a product at most. */
export function loadWaitingOrders(
  connection: CommonQueryMethods,
  shard: string,
): Promise<readonly WaitingOrder[]> {
  return connection.any(sql.type(waitingRow)`
    select o.id as "orderId", o.trader_id as "traderId", o.product_id as "productId", o.side,
      coalesce(o.remaining_size, 0) as remaining
    from orders_now o join products p using (product_id)
    where p.shard = ${shard} and o.status = 'active' order by o.id`);
}
