import type { CommonQueryMethods } from 'slonik';
import { copyRows } from '../../sql/copy.ts';
import { bigint, integer, text, timestamptz } from '../../sql/copy-rows.ts';
import type { TransferRow } from '../batch.ts';

const columns = {
  transfer_id: text<TransferRow>(({ command }) => command.transferId),
  sequence: bigint<TransferRow>(({ sequence }) => sequence),
  amount: bigint<TransferRow>(({ command }) => command.amount),
  created_at: timestamptz<TransferRow>(({ command }) => command.time),
  movement: text<TransferRow>(({ command }) => command.kind),
  trader_id: integer<TransferRow>(({ command }) => command.traderId),
  to_trader_id: integer<TransferRow>(({ command }) =>
    command.kind === 'transfer' ? command.toTraderId : null,
  ),
  reject_reason: text<TransferRow>(({ rejectReason }) => rejectReason),
  currency: text<TransferRow>(({ command }) => command.currency),
};

/** Remembers transfers for ever, those that were refused as well. */
export function insertTransfers(
  transaction: CommonQueryMethods,
  shard: string,
  rows: readonly TransferRow[],
): Promise<void> {
  return copyRows(transaction, 'transfers', { ...columns, shard: text(() => shard) }, rows);
}
