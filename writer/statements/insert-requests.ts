import { type Columns, copyRows, type Statement } from '../../sql/copy.ts';
import { bigint, text } from '../../sql/copy-rows.ts';
import type { RequestRow } from '../batch.ts';

const columns: Columns<RequestRow> = {
  first_sequence: bigint(({ first }) => first),
  last_sequence: bigint(({ last }) => last),
  request_id: text(({ requestId }) => requestId),
};

export function insertRequests(rows: readonly RequestRow[]): Statement {
  return copyRows('requests', columns, rows);
}
