import type { RejectReason } from '../../../core/reject-reasons.ts';
import type { Deposit, Withdraw } from '../../../core/wire/commands.ts';
import type { Movement } from '../record.ts';

/** `refused` moved nothing; `returned` is back where it came from, since its deposit was refused. */
export const transferStatuses = ['pending', 'done', 'refused', 'returned'] as const;
export type TransferStatus = (typeof transferStatuses)[number];

/** What is to go from a trader in one shard to a trader in another, who may be the same. */
export type AskedShardTransfer = {
  readonly transferId: string;
  readonly fromShard: string;
  readonly toShard: string;
  readonly traderId: number;
  readonly toTraderId: number;
  readonly currency: string;
  /** In units of the currency. */
  readonly amount: number;
  readonly createdAt: number;
  readonly requestId: string;
};

export type ShardTransfer = AskedShardTransfer & {
  readonly status: TransferStatus;
  /** Why a half was refused; null if none was, or since its id was taken by another transfer. */
  readonly rejectReason: RejectReason | null;
  readonly refusedRefunds: number;
  readonly finishedAt: number | null;
};

/** Both halves have the id of the whole, which each shard takes once. */
export function withdrawalOf(transfer: AskedShardTransfer): Withdraw {
  return { ...halfOf(transfer), kind: 'withdraw', traderId: transfer.traderId };
}

export function depositOf(transfer: AskedShardTransfer): Deposit {
  return { ...halfOf(transfer), kind: 'deposit', traderId: transfer.toTraderId };
}

/** Whoever paid has it back. An id that was refused stays so, which is why each attempt has one of its own. */
export function refundOf(transfer: ShardTransfer): Deposit {
  const attempt = transfer.refusedRefunds + 1;
  return {
    ...{ ...halfOf(transfer), kind: 'deposit', traderId: transfer.traderId },
    transferId: refundId(transfer.transferId, attempt),
  };
}

/** No client can give such an id: `clientId` takes no colon. */
export function refundId(transferId: string, attempt: number): string {
  return `refund:${attempt}:${transferId}`;
}

function halfOf({
  transferId,
  currency,
  amount,
  requestId,
}: AskedShardTransfer): Omit<Movement, 'kind' | 'traderId'> {
  return { transferId, currency, amount, requestId, time: Date.now() };
}

export function isSameShardTransfer(one: AskedShardTransfer, other: AskedShardTransfer): boolean {
  return (
    one.transferId === other.transferId &&
    one.fromShard === other.fromShard &&
    one.toShard === other.toShard &&
    one.traderId === other.traderId &&
    one.toTraderId === other.toTraderId &&
    one.currency === other.currency &&
    one.amount === other.amount
  );
}
