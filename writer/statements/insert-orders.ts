import { type CommonQueryMethods, sql } from 'slonik';
import type { NewOrder } from '../batch.ts';
import { codes, column, texts } from './columns.ts';

export async function insertOrders(
  transaction: CommonQueryMethods,
  orders: readonly NewOrder[],
): Promise<void> {
  const c = orders.map(({ command }) => command);
  const change = orders.map(({ change }) => change);
  await transaction.query(sql.unsafe`
    insert into orders (
      id, price, size, funds, amended_price, amended_size, filled_size, executed_value, first_trade_id, last_trade_id, place,
      created_at, done_at,
      trader_id, side, time_in_force, self_trade_prevention, status, done_reason, reject_reason,
      post_only, product_id, client_oid)
    select
      id, price, size, funds, amended_price, amended_size, filled_size, executed_value, first_trade_id, last_trade_id, place,
      to_timestamp(created_ms / 1000.0), to_timestamp(done_ms / 1000.0),
      trader_id, side, time_in_force, self_trade_prevention, status, done_reason, reject_reason,
      post_only, product_id, client_oid
    from unnest(
      ${column(orders.map(({ id }) => id))}::bigint[],
      ${column(c.map(({ price }) => price))}::bigint[],
      ${column(c.map(({ size }) => size))}::bigint[],
      ${column(c.map(({ funds }) => funds))}::bigint[],
      ${column(change.map(({ amendedPrice }) => amendedPrice))}::bigint[],
      ${column(change.map(({ amendedSize }) => amendedSize))}::bigint[],
      ${column(change.map(({ filledSize }) => filledSize))}::bigint[],
      ${column(change.map(({ executedValue }) => executedValue))}::bigint[],
      ${column(change.map(({ firstTradeId }) => firstTradeId))}::bigint[],
      ${column(change.map(({ lastTradeId }) => lastTradeId))}::bigint[],
      ${column(change.map(({ place }) => place))}::bigint[],
      ${column(c.map(({ time }) => time))}::float8[],
      ${column(change.map(({ doneAt }) => doneAt))}::float8[],
      ${column(c.map(({ traderId }) => traderId))}::integer[],
      ${codes(c.map(({ side }) => side))}::side[],
      ${codes(c.map(({ timeInForce }) => timeInForce))}::time_in_force[],
      ${codes(c.map(({ selfTradePrevention }) => selfTradePrevention))}::self_trade_prevention[],
      ${codes(change.map(({ status }) => status))}::order_status[],
      ${codes(change.map(({ doneReason }) => doneReason))}::done_reason[],
      ${codes(change.map(({ rejectReason }) => rejectReason))}::reject_reason[],
      ${codes(c.map(({ postOnly }) => postOnly))}::boolean[],
      ${texts(c.map(({ productId }) => productId))}::text[],
      ${texts(c.map(({ clientOid }) => clientOid))}::text[]
    ) as o (
      id, price, size, funds, amended_price, amended_size, filled_size, executed_value, first_trade_id, last_trade_id, place,
      created_ms, done_ms,
      trader_id, side, time_in_force, self_trade_prevention, status, done_reason, reject_reason,
      post_only, product_id, client_oid)`);
}
