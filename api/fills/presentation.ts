import type { Product } from '../../core/product.ts';
import { formatAmount } from '../../core/units.ts';
import { iso } from '../http/iso.ts';
import type { FillRow } from './queries/fills.ts';

export function presentFill(fill: FillRow, traderId: number, product: Product) {
  const trader = String(traderId);
  return {
    trade_id: fill.tradeId,
    product_id: product.productId,
    order_id: String(fill.orderId),
    user_id: trader,
    profile_id: trader,
    liquidity: fill.liquidity,
    price: formatAmount(fill.price, product.tick),
    size: formatAmount(fill.size, product.lot),
    fee: formatAmount(fill.fee, product.fees.unit),
    side: fill.side,
    settled: true,
    usd_volume: formatAmount(fill.price * fill.size, product.quoteUnit),
    created_at: iso(fill.createdAt),
  };
}
