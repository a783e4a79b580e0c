import { type CommonQueryMethods, sql } from 'slonik';
import type { TransferRow } from '../batch.ts';
import { codes, column, texts } from './columns.ts';

/** Remembers transfers for ever, those that were refused as well. */
export async function insertTransfers(
  transaction: CommonQueryMethods,
  shard: string,
  rows: readonly TransferRow[],
): Promise<void> {
  const c = rows.map(({ command }) => command);
  await transaction.query(sql.unsafe`
    insert into transfers (
      transfer_id, sequence, amount, created_at, movement, trader_id, to_trader_id, reject_reason, currency,
      shard)
    select
      transfer_id, sequence, amount, to_timestamp(created_ms / 1000.0), movement, trader_id, to_trader_id, reject_reason, currency,
      ${shard}
    from unnest(
      ${texts(c.map(({ transferId }) => transferId))}::text[],
      ${column(rows.map(({ sequence }) => sequence))}::bigint[],
      ${column(c.map(({ amount }) => amount))}::bigint[],
      ${column(c.map(({ time }) => time))}::float8[],
      ${codes(c.map(({ kind }) => kind))}::movement[],
      ${column(c.map(({ traderId }) => traderId))}::integer[],
      ${column(c.map((command) => (command.kind === 'transfer' ? command.toTraderId : null)))}::integer[],
      ${codes(rows.map(({ rejectReason }) => rejectReason))}::reject_reason[],
      ${texts(c.map(({ currency }) => currency))}::text[]
    ) as t (
      transfer_id, sequence, amount, created_ms, movement, trader_id, to_trader_id, reject_reason, currency)`);
}
