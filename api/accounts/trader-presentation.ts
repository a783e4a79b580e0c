import type { Product } from '../../core/product.ts';
import { formatAmount, formatRate } from '../../core/units.ts';
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

/** Of several products the highest rates: nobody pays more. They do not depend on what a trader traded. */
export function presentFees(products: readonly Product[]) {
  const highest = (name: 'maker' | 'taker'): string =>
    formatRate(products.reduce((most, { fees }) => Math.max(most, fees[name]), 0));
  return { maker_fee_rate: highest('maker'), taker_fee_rate: highest('taker'), usd_volume: '0.00' };
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
