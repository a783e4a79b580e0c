import { type IdentifierSqlToken, sql } from 'slonik';
import { z } from 'zod';
import { sides } from '../../../core/order.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { arranged, directionOf, oppositeOf } from '../../http/pages.ts';
import type { Page, Period } from '../../http/query.ts';
import { betweenTrades, createdAt } from '../../market-data/queries/trades.ts';
import type { OrderRecord } from '../../orders/record.ts';

const whole = z.number();
export const fillRow = z.object({
  tradeId: whole,
  orderId: whole,
  liquidity: z.enum(['M', 'T']),
  side: z.enum(sides),
  price: whole,
  size: whole,
  fee: whole,
  createdAt: whole,
});
export type FillRow = z.output<typeof fillRow>;

export type FillFilter = Page &
  Period & {
    readonly traderId: number;
    readonly productId: string;
    /** Fills of this order only. Its first and last trade bound what is read of the trader's. */
    readonly order: OrderRecord | null;
  };

/**
 * A trader's fills of a product, newest first. A trade with oneself is two fills; a page never ends between them, since
 * they share their cursor, and may be longer by one for that.
 */
export async function findFills(pool: Queries, filter: FillFilter): Promise<readonly FillRow[]> {
  const { limit } = filter;
  const rows = await pool.any(sql.type(fillRow)`
    select * from (
      (${fillsOf(filter, 'maker')}) union all (${fillsOf(filter, 'taker')})
    ) fills
    order by "tradeId" ${directionOf(filter)}, liquidity ${oppositeOf(filter)} limit ${limit + 1}`);
  const isPairCut = rows[limit - 1]?.tradeId === rows[limit]?.tradeId;
  return arranged(filter, isPairCut ? rows : rows.slice(0, limit));
}

/** An order trades in its own command or later ones, which spares the partitions before it. */
function isOf({ orderId, firstTradeId, lastTradeId }: OrderRecord, column: IdentifierSqlToken) {
  return sql.fragment`
    ${column} = ${orderId} and sequence >= ${orderId} and trade_id between ${firstTradeId} and ${lastTradeId}`;
}

/** One branch of the union, limited by itself so that it reads no more of its index than a page. */
function fillsOf(filter: FillFilter, role: 'maker' | 'taker') {
  const { traderId, productId, order, start, end, after, before, limit } = filter;
  const trader = sql.identifier([`${role}_trader_id`]);
  const orderId = sql.identifier([`${role}_order_id`]);
  const fee = sql.identifier([`${role}_fee`]);
  const conditions = [
    sql.fragment`${trader} = ${traderId} and product_id = ${productId}`,
    betweenTrades(after, before),
  ];
  if (order !== null) conditions.push(isOf(order, orderId));
  if (start !== null) conditions.push(sql.fragment`created_at >= ${start}`);
  if (end !== null) conditions.push(sql.fragment`created_at < ${end}`);
  const side =
    role === 'taker'
      ? sql.fragment`taker_side`
      : sql.fragment`case taker_side when 'buy' then 'sell'::side else 'buy' end`;
  return sql.fragment`
    select trade_id as "tradeId", ${orderId} as "orderId", ${role === 'maker' ? 'M' : 'T'} as liquidity, ${side} as side,
      price, size, coalesce(${fee}, 0) as fee, ${createdAt}
    from trades where ${sql.join(conditions, sql.fragment` and `)}
    order by trade_id ${directionOf(filter)} limit ${limit + 1}`;
}
