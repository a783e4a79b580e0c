import { type CommonQueryMethods, sql } from 'slonik';
import type { TradeRow } from '../batch.ts';
import { codes, column, texts } from './columns.ts';

export async function insertTrades(
  transaction: CommonQueryMethods,
  trades: readonly TradeRow[],
): Promise<void> {
  const matches = trades.map(({ match }) => match);
  await transaction.query(sql.unsafe`
    insert into trades (
      sequence, trade_id, maker_order_id, taker_order_id, price, size, created_at,
      maker_trader_id, taker_trader_id, taker_side, product_id)
    select
      sequence, trade_id, maker_order_id, taker_order_id, price, size, to_timestamp(created_ms / 1000.0),
      maker_trader_id, taker_trader_id, taker_side, product_id
    from unnest(
      ${column(trades.map(({ sequence }) => sequence))}::bigint[],
      ${column(matches.map(({ tradeId }) => tradeId))}::bigint[],
      ${column(matches.map(({ makerOrderId }) => makerOrderId))}::bigint[],
      ${column(trades.map(({ takerOrderId }) => takerOrderId))}::bigint[],
      ${column(matches.map(({ price }) => price))}::bigint[],
      ${column(matches.map(({ size }) => size))}::bigint[],
      ${column(trades.map(({ time }) => time))}::float8[],
      ${column(matches.map(({ makerTraderId }) => makerTraderId))}::integer[],
      ${column(trades.map(({ takerTraderId }) => takerTraderId))}::integer[],
      ${codes(trades.map(({ takerSide }) => takerSide))}::side[],
      ${texts(trades.map(({ productId }) => productId))}::text[]
    ) as t (
      sequence, trade_id, maker_order_id, taker_order_id, price, size, created_ms,
      maker_trader_id, taker_trader_id, taker_side, product_id)`);
}
