import { type CommonQueryMethods, sql } from 'slonik';
import type { LedgerRow } from '../money.ts';
import { codes, column, texts } from './columns.ts';

/** The table refuses rows that do not sum to zero for each command and currency. */
export async function insertLedger(
  transaction: CommonQueryMethods,
  rows: readonly (LedgerRow & { balance: number })[],
): Promise<void> {
  await transaction.query(sql.unsafe`
    insert into ledger (
      sequence, amount, balance, trade_id, order_id, created_at,
      trader_id, movement, currency, product_id, transfer_id)
    select
      sequence, amount, balance, trade_id, order_id, to_timestamp(created_ms / 1000.0),
      trader_id, movement, currency, product_id, transfer_id
    from unnest(
      ${column(rows.map(({ sequence }) => sequence))}::bigint[],
      ${column(rows.map(({ amount }) => amount))}::bigint[],
      ${column(rows.map(({ balance }) => balance))}::bigint[],
      ${column(rows.map(({ tradeId }) => tradeId))}::bigint[],
      ${column(rows.map(({ orderId }) => orderId))}::bigint[],
      ${column(rows.map(({ time }) => time))}::float8[],
      ${column(rows.map(({ traderId }) => traderId))}::integer[],
      ${codes(rows.map(({ movement }) => movement))}::movement[],
      ${texts(rows.map(({ currency }) => currency))}::text[],
      ${texts(rows.map(({ productId }) => productId))}::text[],
      ${texts(rows.map(({ transferId }) => transferId))}::text[]
    ) with ordinality as l (
      sequence, amount, balance, trade_id, order_id, created_ms,
      trader_id, movement, currency, product_id, transfer_id, position)
    order by position`);
}
