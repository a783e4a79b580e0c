import { type Columns, copyRows, type Statement } from '../../sql/copy.ts';
import { bigint, integer, text, timestamptz } from '../../sql/copy-rows.ts';
import type { TransferRow } from '../batch.ts';

const columns: Columns<TransferRow> = {
  transfer_id: text(({ command }) => command.transferId),
  sequence: bigint(({ sequence }) => sequence),
  amount: bigint(({ command }) => command.amount),
  created_at: timestamptz(({ command }) => command.time),
  movement: text(({ command }) => command.kind),
  trader_id: integer(({ command }) => command.traderId),
  to_trader_id: integer(({ command }) => (command.kind === 'transfer' ? command.toTraderId : null)),
  reject_reason: text(({ rejectReason }) => rejectReason),
  currency: text(({ command }) => command.currency),
};

/** Remembers transfers for ever, those that were refused as well. */
export function insertTransfers(shard: string, rows: readonly TransferRow[]): Statement {
  return copyRows('transfers', { ...columns, shard: text(() => shard) }, rows);
}
