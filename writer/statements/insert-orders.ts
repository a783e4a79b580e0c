import { type Columns, copyRows, type Statement } from '../../sql/copy.ts';
import { bigint, boolean, integer, text, timestamptz } from '../../sql/copy-rows.ts';
import type { NewOrder } from '../batch.ts';

const columns: Columns<NewOrder> = {
  id: bigint(({ id }) => id),
  price: bigint(({ command }) => command.price),
  size: bigint(({ command }) => command.size),
  funds: bigint(({ command }) => command.funds),
  amended_price: bigint(({ change }) => change.amendedPrice),
  amended_size: bigint(({ change }) => change.amendedSize),
  filled_size: bigint(({ change }) => change.filledSize),
  executed_value: bigint(({ change }) => change.executedValue),
  first_trade_id: bigint(({ change }) => change.firstTradeId),
  last_trade_id: bigint(({ change }) => change.lastTradeId),
  place: bigint(({ change }) => change.place),
  created_at: timestamptz(({ command }) => command.time),
  done_at: timestamptz(({ change }) => change.doneAt),
  trader_id: integer(({ command }) => command.traderId),
  side: text(({ command }) => command.side),
  time_in_force: text(({ command }) => command.timeInForce),
  self_trade_prevention: text(({ command }) => command.selfTradePrevention),
  status: text(({ change }) => change.status),
  done_reason: text(({ change }) => change.doneReason),
  reject_reason: text(({ change }) => change.rejectReason),
  post_only: boolean(({ command }) => command.postOnly),
  product_id: text(({ command }) => command.productId),
  client_oid: text(({ command }) => command.clientOid),
};

/** Stop orders, orders that expire, icebergs, and fees. Few batches have one, and the others need not carry the columns. */
const columnsWithTerms: Columns<NewOrder> = {
  ...columns,
  stop: text(({ command }) => command.stop),
  stop_price: bigint(({ command }) => command.stopPrice),
  expire_time: bigint(({ command }) => command.expireTime),
  amended_stop_price: bigint(({ change }) => change.amendedStopPrice),
  amended_expire_time: bigint(({ change }) => change.amendedExpireTime),
  turn: integer(({ change }) => change.turn),
  activated_at: timestamptz(({ change }) => change.activatedAt),
  fill_fees: bigint(({ change }) => change.fees?.units ?? null),
  fee_over: integer(({ change }) => change.fees?.over ?? null),
  maker_rate: integer(({ change }) => change.fees?.makerRate ?? null),
  taker_rate: integer(({ change }) => change.fees?.takerRate ?? null),
  max_floor: bigint(({ command }) => command.maxFloor),
  hidden: bigint(({ change }) => change.hidden),
};

export function insertOrders(orders: readonly NewOrder[]): Statement {
  const withTerms = orders.some(
    ({ command: { stop, expireTime, maxFloor }, change }) =>
      stop !== null || expireTime !== null || maxFloor !== null || change.fees !== null,
  );
  return copyRows('orders', withTerms ? columnsWithTerms : columns, orders);
}
