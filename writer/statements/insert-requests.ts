import type { CommonQueryMethods } from 'slonik';
import { type Columns, copyRows } from '../../sql/copy.ts';
import { bigint, text } from '../../sql/copy-rows.ts';
import type { RequestRow } from '../batch.ts';

const columns: Columns<RequestRow> = {
  first_sequence: bigint(({ first }) => first),
  last_sequence: bigint(({ last }) => last),
  request_id: text(({ requestId }) => requestId),
};

export function insertRequests(transaction: CommonQueryMethods, rows: readonly RequestRow[]): Promise<void> {
  return copyRows(transaction, 'requests', columns, rows);
}
