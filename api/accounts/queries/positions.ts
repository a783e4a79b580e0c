import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';

/** Lots and quote units; what was sold, or paid, is below zero. Sums may be beyond 2^53, and beyond bigint. */
const row = z.object({
  productId: z.string(),
  base: z.string().transform(BigInt),
  quote: z.string().transform(BigInt),
});
export type PositionRow = z.output<typeof row>;

/** What a trader has of products that touch no account, from all that its orders ever traded, archived ones included. */
export async function findPositions(pool: Queries, traderId: number): Promise<readonly PositionRow[]> {
  return pool.any(sql.type(row)`
    select product_id as "productId", sum(base)::text as base, sum(quote)::text as quote
    from (
      select product_id,
        case side when 'buy' then filled_size else -filled_size end as base,
        case side when 'buy' then -executed_value else executed_value end as quote
      from orders where trader_id = ${traderId} and filled_size > 0
      union all
      select product_id, base, quote from archived_positions where trader_id = ${traderId}
    ) moved join products using (product_id)
    where not funded
    group by product_id order by product_id`);
}
