import type { Product } from '../../core/product.ts';
import { formatAmount } from '../../core/units.ts';
import type { TraderRow } from '../auth/queries/traders.ts';
import { iso } from '../http/iso.ts';
import type { PositionRow } from './queries/positions.ts';

export function presentPosition({ productId, base, quote }: PositionRow, { lot, quoteUnit }: Product) {
  return {
    product_id: productId,
    base: formatAmount(base, lot),
    quote: formatAmount(quote, quoteUnit),
  };
}

/** There are no fees, and so no volume that they would depend on. */
export function presentFees() {
  return { maker_fee_rate: '0.0000', taker_fee_rate: '0.0000', usd_volume: '0.00' };
}

export function presentProfile({ traderId, createdAt }: TraderRow) {
  return {
    id: String(traderId),
    user_id: String(traderId),
    name: 'default',
    active: true,
    is_default: true,
    created_at: iso(createdAt),
  };
}
