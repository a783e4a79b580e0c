import { sql } from 'slonik';
import { z } from 'zod';
import { sides } from '../../../core/order.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import type { Span } from '../../http/merged-cursors.ts';
import { arranged, directionOf, reachedTime } from '../../http/pages.ts';
import type { Page } from '../../http/query.ts';

const row = z.object({
  orderId: z.number(),
  productId: z.string(),
  side: z.enum(sides),
  /** Null for a stop order by market. */
  price: z.number().nullable(),
  /** Null for one that names funds alone. */
  remaining: z.number().nullable(),
  funds: z.number().nullable(),
  waits: z.boolean(),
  makerRate: z.number().nullable(),
  takerRate: z.number().nullable(),
  over: z.number().nullable(),
  createdAt: z.number(),
});
export type HoldingOrder = z.output<typeof row>;

export type HoldFilter = Page & {
  readonly traderId: number;
  /** The products of which buy orders, and those of which sell orders pay with the currency. */
  readonly bought: readonly string[];
  readonly sold: readonly string[];
  /** Of several shards, what may be shown of each. `after` and `before` then say only which way to read. */
  readonly spans?: readonly Span[];
};

/** These literals let PostgreSQL use the indexes of what is open and of what waits. */
const live = [sql.fragment`status = 'open'`, sql.fragment`status = 'active'`];

/** A trader's orders that rest or wait and pay with a currency, newest first. */
export async function findHoldingOrders(pool: Queries, filter: HoldFilter): Promise<readonly HoldingOrder[]> {
  const { spans, limit } = filter;
  const direction = directionOf(filter);
  const parts = spans
    ? spans.flatMap(({ above, below }) => partsOf({ ...filter, before: above, after: below }, direction))
    : partsOf(filter, direction);
  const orders = await pool.any(sql.type(row)`
    select id as "orderId", product_id as "productId", side, current_price as price,
      remaining_size as remaining, funds, status = 'active' as waits,
      maker_rate as "makerRate", taker_rate as "takerRate", fee_over as over,
      (extract(epoch from created_at) * 1000)::bigint as "createdAt"
    from (
      select *, ${reachedTime(filter, sql.identifier(['id']))} as reached
      from (${sql.join(parts, sql.fragment` union all `)}) as holding
    ) as holding
    order by reached ${direction}, id ${direction} limit ${limit}`);
  return arranged(filter, orders);
}

/** What is read of one shard, or of the only one. */
function partsOf(filter: HoldFilter, direction: ReturnType<typeof directionOf>) {
  const { traderId, bought, sold, after, before, limit } = filter;
  const older = after === null ? sql.fragment`true` : sql.fragment`id < ${after}`;
  const newer = before === null ? sql.fragment`true` : sql.fragment`id > ${before}`;
  return live.map(
    (isStatus) => sql.fragment`
    (select * from orders_now
    where trader_id = ${traderId} and ${isStatus} and ${older} and ${newer}
      and (side = 'buy' and product_id = any(${sql.array([...bought], 'text')})
        or side = 'sell' and product_id = any(${sql.array([...sold], 'text')}))
    order by id ${direction} limit ${limit})`,
  );
}
