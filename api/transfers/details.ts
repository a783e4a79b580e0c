import { ownerName } from '../../core/accounts.ts';
import type { Posting } from '../accounts/queries/ledger.ts';

export const accountId = (traderId: number, currency: string): string => `${ownerName(traderId)}-${currency}`;

type Parties = Pick<Posting, 'movement' | 'transferId' | 'traderId' | 'toTraderId'>;

/** `0` is the system, which money from outside comes from and goes to. */
export function transferDetails({ movement, transferId, traderId, toTraderId }: Parties) {
  return {
    from: movement === 'deposit' ? '0' : ownerName(traderId),
    to: movement === 'deposit' ? String(traderId) : String(toTraderId ?? 0),
    profile_transfer_id: transferId,
  };
}
