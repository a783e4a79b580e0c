import { sql } from 'slonik';
import { z } from 'zod';
import { sides } from '../../../core/order.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { arranged, directionOf } from '../../http/pages.ts';
import type { Page } from '../../http/query.ts';

const row = z.object({
  orderId: z.number(),
  productId: z.string(),
  side: z.enum(sides),
  price: z.number(),
  remaining: z.number(),
  makerRate: z.number().nullable(),
  over: z.number().nullable(),
  createdAt: z.number(),
});
export type HoldingOrder = z.output<typeof row>;

export type HoldFilter = Page & {
  readonly traderId: number;
  /** The products of which buy orders, and those of which sell orders pay with the currency. */
  readonly bought: readonly string[];
  readonly sold: readonly string[];
};

/** A trader's open orders that pay with a currency, newest first. */
export async function findHoldingOrders(pool: Queries, filter: HoldFilter): Promise<readonly HoldingOrder[]> {
  const { traderId, bought, sold, after, before, limit } = filter;
  const older = after === null ? sql.fragment`true` : sql.fragment`id < ${after}`;
  const newer = before === null ? sql.fragment`true` : sql.fragment`id > ${before}`;
  const orders = await pool.any(sql.type(row)`
    select id as "orderId", product_id as "productId", side, current_price as price,
      remaining_size as remaining, maker_rate as "makerRate", fee_over as over,
      (extract(epoch from created_at) * 1000)::bigint as "createdAt"
    from orders_now
    where trader_id = ${traderId} and status = 'open' and ${older} and ${newer}
      and (side = 'buy' and product_id = any(${sql.array([...bought], 'text')})
        or side = 'sell' and product_id = any(${sql.array([...sold], 'text')}))
    order by id ${directionOf(filter)} limit ${limit}`);
  return arranged(filter, orders);
}
