import { ownerName } from '../../core/accounts.ts';
import { formatAmount } from '../../core/units.ts';
import { iso } from '../http/iso.ts';
import type { FundedCurrency } from '../products/catalogue.ts';
import { accountId, transferDetails } from './details.ts';
import type { TransferRecord } from './record.ts';

/** As a trader sees it, who is one of the two that it is between. One that was refused is shown as canceled. */
export function presentTransfer(
  transfer: TransferRecord,
  traderId: number,
  { currency, increment }: FundedCurrency,
) {
  const { movement, createdAt, rejectReason } = transfer;
  const internal = traderId === transfer.traderId ? 'internal_withdraw' : 'internal_deposit';
  const doneAt = rejectReason === null ? iso(createdAt) : null;
  return {
    id: transfer.transferId,
    type: movement === 'transfer' ? internal : movement,
    created_at: iso(createdAt),
    completed_at: doneAt,
    processed_at: doneAt,
    canceled_at: rejectReason === null ? null : iso(createdAt),
    amount: formatAmount(transfer.amount, increment),
    account_id: accountId(traderId, currency),
    user_id: ownerName(traderId),
    user_nonce: null,
    currency,
    details: { ...transferDetails(transfer), fee: formatAmount(0, increment) },
  };
}
