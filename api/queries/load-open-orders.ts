import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { sides } from '../../core/order.ts';

const row = z.object({
  orderId: z.number(),
  productId: z.string(),
  side: z.enum(sides),
  price: z.number(),
  remaining: z.number(),
});

/** The resting orders of a shard; those at one price in time priority. */
export function loadOpenOrders(connection: CommonQueryMethods, shard: string) {
  return connection.any(sql.type(row)`
    select o.id as "orderId", o.product_id as "productId", o.side,
      coalesce(o.amended_price, o.price) as price, coalesce(o.amended_size, o.size) - o.filled_size as remaining
    from orders o join products p using (product_id)
    where p.shard = ${shard} and o.status = 'open'
    order by o.product_id, o.side, 4, coalesce(o.place, o.id)`);
}
