import { type CommonQueryMethods, sql } from 'slonik';
import type { RequestRow } from '../batch.ts';
import { column, texts } from './columns.ts';

export async function insertRequests(
  transaction: CommonQueryMethods,
  rows: readonly RequestRow[],
): Promise<void> {
  await transaction.query(sql.unsafe`
    insert into requests (first_sequence, last_sequence, request_id)
    select * from unnest(
      ${column(rows.map(({ first }) => first))}::bigint[],
      ${column(rows.map(({ last }) => last))}::bigint[],
      ${texts(rows.map(({ requestId }) => requestId))}::text[])`);
}
