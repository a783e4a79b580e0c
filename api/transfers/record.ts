import type { RejectReason } from '../../core/reject-reasons.ts';
import type { Deposit, Transfer, Withdraw } from '../../core/wire/commands.ts';

/** A command that moves money. */
export type Movement = Deposit | Withdraw | Transfer;

/** What a transfer id was given to, and whether it was refused. The amount is in units of the currency. */
export type TransferRecord = {
  readonly transferId: string;
  readonly movement: Movement['kind'];
  readonly traderId: number;
  /** Who receives, if it is a trader other than `traderId`. */
  readonly toTraderId: number | null;
  readonly currency: string;
  readonly amount: number;
  readonly createdAt: number;
  readonly rejectReason: RejectReason | null;
};

export function transferOf(command: Movement, rejectReason: RejectReason | null): TransferRecord {
  const { kind: movement, transferId, traderId, currency, amount, time: createdAt } = command;
  const toTraderId = command.kind === 'transfer' ? command.toTraderId : null;
  return { transferId, movement, traderId, toTraderId, currency, amount, createdAt, rejectReason };
}

/** Whether a transfer is what a command asks for. */
export function isSameTransfer(transfer: TransferRecord, command: Movement): boolean {
  const asked = transferOf(command, null);
  return (
    transfer.movement === asked.movement &&
    transfer.traderId === asked.traderId &&
    transfer.toTraderId === asked.toTraderId &&
    transfer.currency === asked.currency &&
    transfer.amount === asked.amount
  );
}
