import { sql } from 'slonik';
import type { Queries } from '../../../sql/with-timeout.ts';
import { createdAt } from '../../market-data/queries/trades.ts';
import type { OrderRecord } from '../../orders/record.ts';
import { type FillRow, fillRow } from './fills.ts';

/** The newest fills of many orders, by order: one question, however many orders. */
export async function findFillsOfOrders(
  pool: Queries,
  orders: readonly OrderRecord[],
  limit: number,
): Promise<ReadonlyMap<number, FillRow[]>> {
  const traded = orders.filter(({ firstTradeId }) => firstTradeId !== null);
  if (traded.length === 0) return new Map();
  const column = (of: (order: OrderRecord) => number) => sql.array(traded.map(of), 'int8');
  const fillsAs = (role: 'maker' | 'taker') => sql.fragment`
    select trade_id as "tradeId", o.id as "orderId", ${role === 'maker' ? 'M' : 'T'} as liquidity,
      o.side::side as side, price, size, coalesce(${sql.identifier([`${role}_fee`])}, 0) as fee, ${createdAt}
    from trades
    where ${sql.identifier([`${role}_trader_id`])} = o.trader_id and product_id = o.product_id
      and ${sql.identifier([`${role}_order_id`])} = o.id and sequence >= o.id
      and trade_id between o.first_trade and o.last_trade
    order by trade_id desc limit ${limit}`;
  const rows = await pool.any(sql.type(fillRow)`
    select fills.* from unnest(
      ${column(({ orderId }) => orderId)}, ${column(({ traderId }) => traderId)},
      ${column(({ firstTradeId }) => firstTradeId!)}, ${column(({ lastTradeId }) => lastTradeId!)},
      ${sql.array(
        traded.map(({ productId }) => productId),
        'text',
      )},
      ${sql.array(
        traded.map(({ side }) => side),
        'text',
      )}
    ) o (id, trader_id, first_trade, last_trade, product_id, side)
    cross join lateral (
      select * from ((${fillsAs('maker')}) union all (${fillsAs('taker')})) both_roles
      order by "tradeId" desc limit ${limit}
    ) fills`);
  return Map.groupBy(rows, ({ orderId }) => orderId);
}
