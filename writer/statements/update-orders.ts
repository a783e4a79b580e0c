import { sql } from 'slonik';
import type { OrderChange } from '../../core/order-change.ts';
import type { Statement } from '../../sql/copy.ts';
import { LostReportsError } from '../errors.ts';
import { codes, column } from './columns.ts';

/** Changes orders of earlier batches. Throws if one of them is not there, because then rows were lost. */
export function updateOrders(changes: ReadonlyMap<number, OrderChange>): Statement {
  const ids = [...changes.keys()];
  const c = [...changes.values()];
  const withTerms = c.some(hasTerms);
  const query = sql.unsafe`
    update orders o set
      filled_size = o.filled_size + c.filled_size,
      executed_value = o.executed_value + c.executed_value,
      first_trade_id = coalesce(o.first_trade_id, c.first_trade_id),
      last_trade_id = coalesce(c.last_trade_id, o.last_trade_id),
      amended_price = coalesce(c.amended_price, o.amended_price),
      amended_size = coalesce(c.amended_size, o.amended_size),
      place = coalesce(c.place, o.place)${withTerms ? setTerms : sql.fragment``},
      status = coalesce(c.status, o.status),
      done_reason = coalesce(c.done_reason, o.done_reason),
      done_at = coalesce(to_timestamp(c.done_ms / 1000.0), o.done_at)
    from unnest(
      ${column(ids)}::bigint[],
      ${column(c.map(({ filledSize }) => filledSize))}::bigint[],
      ${column(c.map(({ executedValue }) => executedValue))}::bigint[],
      ${column(c.map(({ firstTradeId }) => firstTradeId))}::bigint[],
      ${column(c.map(({ lastTradeId }) => lastTradeId))}::bigint[],
      ${column(c.map(({ amendedPrice }) => amendedPrice))}::bigint[],
      ${column(c.map(({ amendedSize }) => amendedSize))}::bigint[],
      ${column(c.map(({ place }) => place))}::bigint[],
      ${codes(c.map(({ status }) => status))}::order_status[],
      ${codes(c.map(({ doneReason }) => doneReason))}::done_reason[],
      ${column(c.map(({ doneAt }) => doneAt))}::float8[]${withTerms ? termColumns(c) : sql.fragment``}
    ) as c (
      id, filled_size, executed_value, first_trade_id, last_trade_id, amended_price, amended_size, place, status, done_reason, done_ms${withTerms ? termNames : sql.fragment``})
    where o.id = c.id`;
  return async (transaction) => {
    const { rowCount } = await transaction.query(query);
    if (rowCount !== ids.length)
      throw new LostReportsError(
        `${ids.length} orders changed, but only ${rowCount} of them are in PostgreSQL`,
      );
  };
}

/** Few batches change a stop order, an iceberg, or when an order expires; and most products have no fees. */
function hasTerms(change: OrderChange): boolean {
  const { amendedStopPrice, amendedExpireTime, turn, activatedAt, fees, hidden } = change;
  return [amendedStopPrice, amendedExpireTime, turn, activatedAt, fees, hidden].some((one) => one !== null);
}

const setTerms = sql.fragment`,
      amended_stop_price = coalesce(c.amended_stop_price, o.amended_stop_price),
      amended_expire_time = coalesce(c.amended_expire_time, o.amended_expire_time),
      turn = coalesce(c.turn, o.turn),
      hidden = coalesce(c.hidden, o.hidden),
      fill_fees = case when c.fill_fees is null then o.fill_fees else coalesce(o.fill_fees, 0) + c.fill_fees end,
      fee_over = coalesce(c.fee_over, o.fee_over),
      maker_rate = coalesce(c.maker_rate, o.maker_rate),
      taker_rate = coalesce(c.taker_rate, o.taker_rate),
      activated_at = coalesce(to_timestamp(c.activated_ms / 1000.0), o.activated_at)`;

const termNames = sql.fragment`, amended_stop_price, amended_expire_time, turn, hidden, activated_ms,
      fill_fees, fee_over, maker_rate, taker_rate`;

function termColumns(c: readonly OrderChange[]) {
  return sql.fragment`,
      ${column(c.map(({ amendedStopPrice }) => amendedStopPrice))}::bigint[],
      ${column(c.map(({ amendedExpireTime }) => amendedExpireTime))}::bigint[],
      ${column(c.map(({ turn }) => turn))}::integer[],
      ${column(c.map(({ hidden }) => hidden))}::bigint[],
      ${column(c.map(({ activatedAt }) => activatedAt))}::float8[],
      ${column(c.map(({ fees }) => fees?.units ?? null))}::bigint[],
      ${column(c.map(({ fees }) => fees?.over ?? null))}::integer[],
      ${column(c.map(({ fees }) => fees?.makerRate ?? null))}::integer[],
      ${column(c.map(({ fees }) => fees?.takerRate ?? null))}::integer[]`;
}
