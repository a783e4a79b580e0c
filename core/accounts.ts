/** The other side of deposits and withdrawals: below zero by what all others have. */
export const systemTrader = 0;

/** Who has the fees that trades cost. Accounts of both are the exchange's own. */
export const feesTrader = -1;

/** What the account of all fees is called where a trader's has its number. */
export const feesName = 'fees';

export function ownerName(traderId: number | null): string {
  return traderId === feesTrader ? feesName : String(traderId);
}
