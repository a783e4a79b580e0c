import { formatAmount } from '../../../core/units.ts';
import { iso } from '../../http/iso.ts';
import type { FundedCurrency } from '../../products/catalogue.ts';
import { presentTransfer } from '../presentation.ts';
import type { ShardTransfer } from './record.ts';

/** As one of its two traders sees it, who may be both. */
export function presentShardTransfer(transfer: ShardTransfer, traderId: number, currency: FundedCurrency) {
  const { fromShard, toShard, status, finishedAt, rejectReason, createdAt } = transfer;
  const isOver = status === 'refused' || status === 'returned';
  const at = finishedAt === null ? null : iso(finishedAt);
  return {
    ...presentTransfer({ ...transfer, movement: 'transfer' }, traderId, currency),
    ...{ created_at: iso(createdAt), amount: formatAmount(transfer.amount, currency.increment) },
    ...{
      completed_at: isOver ? null : at,
      processed_at: isOver ? null : at,
      canceled_at: isOver ? at : null,
    },
    ...{ status, from_shard: fromShard, to_shard: toShard, reject_reason: rejectReason },
  };
}
