import type { CommonQueryMethods } from 'slonik';
import { type Columns, copyRows } from '../../sql/copy.ts';
import { bigint, text } from '../../sql/copy-rows.ts';
import type { CommandRow } from '../batch.ts';

const columns: Columns<CommandRow> = {
  sequence: bigint(({ sequence }) => sequence),
  line: text(({ line }) => line),
  order_id: bigint(({ orderId }) => orderId),
  reject_reason: text(({ rejectReason }) => rejectReason),
};

export function insertCommands(transaction: CommonQueryMethods, rows: readonly CommandRow[]): Promise<void> {
  return copyRows(transaction, 'commands', columns, rows);
}
