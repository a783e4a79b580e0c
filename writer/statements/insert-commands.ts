import { type Columns, copyRows, type Statement } from '../../sql/copy.ts';
import { bigint, text } from '../../sql/copy-rows.ts';
import type { CommandRow } from '../batch.ts';

const columns: Columns<CommandRow> = {
  sequence: bigint(({ sequence }) => sequence),
  line: text(({ line }) => line),
  order_id: bigint(({ orderId }) => orderId),
  reject_reason: text(({ rejectReason }) => rejectReason),
};

export function insertCommands(rows: readonly CommandRow[]): Statement {
  return copyRows('commands', columns, rows);
}
