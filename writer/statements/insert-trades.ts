import { type Columns, copyRows, type Statement } from '../../sql/copy.ts';
import { bigint, integer, text, timestamptz } from '../../sql/copy-rows.ts';
import type { TradeRow } from '../batch.ts';

const columns: Columns<TradeRow> = {
  sequence: bigint(({ sequence }) => sequence),
  trade_id: bigint(({ match }) => match.tradeId),
  maker_order_id: bigint(({ match }) => match.makerOrderId),
  taker_order_id: bigint(({ takerOrderId }) => takerOrderId),
  price: bigint(({ match }) => match.price),
  size: bigint(({ match }) => match.size),
  created_at: timestamptz(({ time }) => time),
  maker_trader_id: integer(({ match }) => match.makerTraderId),
  taker_trader_id: integer(({ takerTraderId }) => takerTraderId),
  taker_side: text(({ takerSide }) => takerSide),
  product_id: text(({ productId }) => productId),
};

/** Most products have no fees. */
const columnsWithFees: Columns<TradeRow> = {
  ...columns,
  maker_fee: bigint(({ match }) => match.makerFee?.units ?? null),
  taker_fee: bigint(({ match }) => match.takerFee?.units ?? null),
};

export function insertTrades(trades: readonly TradeRow[]): Statement {
  const withFees = trades.some(({ match }) => match.makerFee);
  return copyRows('trades', withFees ? columnsWithFees : columns, trades);
}
