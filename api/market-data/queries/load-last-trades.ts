import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { sides } from '../../../core/order.ts';

const row = z.object({
  productId: z.string(),
  tradeId: z.number(),
  makerOrderId: z.number(),
  takerOrderId: z.number(),
  takerSide: z.enum(sides),
  price: z.number(),
  size: z.number(),
  time: z.number(),
});

/** The last trade of each of a shard's products that had any, in the tables or before; its time in Unix milliseconds. */
export function loadLastTrades(connection: CommonQueryMethods, shard: string) {
  return connection.any(sql.type(row)`
    select p.product_id as "productId", t.trade_id as "tradeId", t.maker_order_id as "makerOrderId",
      t.taker_order_id as "takerOrderId", t.taker_side as "takerSide", t.price, t.size,
      (extract(epoch from t.created_at) * 1000)::bigint as time
    from products p cross join lateral (
      (select trade_id, maker_order_id, taker_order_id, taker_side, price, size, created_at from trades
       where trades.product_id = p.product_id order by trade_id desc limit 1)
      union all
      (select trade_id, maker_order_id, taker_order_id, taker_side, price, size, created_at from last_trades
       where last_trades.product_id = p.product_id)
      order by trade_id desc limit 1
    ) t
    where p.shard = ${shard}`);
}
