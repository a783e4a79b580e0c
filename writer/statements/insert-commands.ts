import { type CommonQueryMethods, sql } from 'slonik';
import type { CommandRow } from '../batch.ts';
import { codes, column, texts } from './columns.ts';

export async function insertCommands(
  transaction: CommonQueryMethods,
  rows: readonly CommandRow[],
): Promise<void> {
  await transaction.query(sql.unsafe`
    insert into commands (sequence, line, order_id, reject_reason)
    select * from unnest(
      ${column(rows.map(({ sequence }) => sequence))}::bigint[],
      ${texts(rows.map(({ line }) => line))}::text[],
      ${column(rows.map(({ orderId }) => orderId))}::bigint[],
      ${codes(rows.map(({ rejectReason }) => rejectReason))}::reject_reason[])`);
}
