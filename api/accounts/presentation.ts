import { feesTrader, ownerName } from '../../core/accounts.ts';
import { heldFee } from '../../core/fees.ts';
import type { Funding } from '../../core/product.ts';
import { formatAmount } from '../../core/units.ts';
import { iso } from '../http/iso.ts';
import type { FundedCurrency } from '../products/catalogue.ts';
import { accountId, transferDetails } from '../transfers/details.ts';
import type { AccountRow } from './queries/accounts.ts';
import type { HoldingOrder } from './queries/holds.ts';
import type { Posting } from './queries/ledger.ts';

export function presentAccount(
  traderId: number,
  { currency, increment }: FundedCurrency,
  { balance, hold }: Pick<AccountRow, 'balance' | 'hold'>,
) {
  return {
    id: accountId(traderId, currency),
    currency,
    balance: formatAmount(balance, increment),
    available: formatAmount(balance - hold, increment),
    hold: formatAmount(hold, increment),
    profile_id: ownerName(traderId),
    trading_enabled: traderId !== feesTrader,
  };
}

export function presentLedgerEntry(entry: Posting, { increment }: FundedCurrency) {
  return {
    id: String(entry.id),
    amount: formatAmount(entry.amount, increment),
    balance: formatAmount(entry.balance, increment),
    created_at: iso(entry.createdAt),
    type: isOfTrade(entry) ? entry.movement : 'transfer',
    details: isOfTrade(entry) ? matchDetails(entry) : transferDetails(entry),
  };
}

const isOfTrade = ({ movement }: Posting): boolean => movement === 'match' || movement === 'fee';

const matchDetails = ({ orderId, productId, tradeId }: Posting) => ({
  order_id: String(orderId),
  product_id: productId,
  trade_id: tradeId,
});

/** What an order holds is what it may still have to pay, fees included. */
export function presentHold(order: HoldingOrder, { increment }: FundedCurrency, funding: Funding) {
  const { orderId, createdAt } = order;
  return {
    id: String(orderId),
    created_at: iso(createdAt),
    updated_at: iso(createdAt),
    amount: formatAmount(heldBy(order, funding), increment),
    type: 'order',
    ref: String(orderId),
  };
}

function heldBy(order: HoldingOrder, { baseUnits, quoteUnits }: Funding): bigint {
  const { side, price, remaining, funds, waits } = order;
  if (side === 'sell') return BigInt(remaining!) * BigInt(baseUnits);
  // The funds of a market buy are for its fee as well.
  if (price === null) return BigInt(funds!) * BigInt(quoteUnits);
  const cost = BigInt(remaining!) * BigInt(price) * BigInt(quoteUnits);
  return cost + heldFee(order, cost, waits);
}
