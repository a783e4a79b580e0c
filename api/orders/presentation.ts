import { valueWithin } from '../../core/fees.ts';
import type { Product } from '../../core/product.ts';
import { formatAmount } from '../../core/units.ts';
import { iso } from '../http/iso.ts';
import { rejectReasonText } from '../http/reject-answers.ts';
import type { OrderRecord } from './record.ts';

export type PresentedOrder = ReturnType<typeof presentOrder>;

export function presentOrder(order: OrderRecord, product: Product) {
  const isLimit = order.price !== null;
  const price = order.amendedPrice ?? order.price;
  const size = order.amendedSize ?? order.size;
  const stopPrice = order.amendedStopPrice ?? order.stopPrice;
  const expireTime = order.amendedExpireTime ?? order.expireTime;
  const specifiedFunds = order.funds === null ? undefined : formatAmount(order.funds, product.quoteUnit);
  return {
    id: String(order.orderId),
    product_id: order.productId,
    profile_id: String(order.traderId),
    side: order.side,
    type: isLimit ? ('limit' as const) : ('market' as const),
    price: price === null ? undefined : formatAmount(price, product.tick),
    size: size === null ? undefined : formatAmount(size, product.lot),
    funds: fundsText(order, product),
    specified_funds: specifiedFunds,
    time_in_force: isLimit ? order.timeInForce : undefined,
    expire_time: expireTime === null ? undefined : iso(expireTime),
    max_floor: order.maxFloor === null ? undefined : formatAmount(order.maxFloor, product.lot),
    stop: order.stop ?? undefined,
    stop_price: stopPrice === null ? undefined : formatAmount(stopPrice, product.tick),
    triggered_at: order.activatedAt === null ? undefined : iso(order.activatedAt),
    post_only: order.postOnly,
    stp: order.selfTradePrevention === 'none' ? undefined : order.selfTradePrevention,
    client_oid: order.clientOid ?? undefined,
    created_at: iso(order.createdAt),
    done_at: order.doneAt === null ? undefined : iso(order.doneAt),
    done_reason: doneReasonText(order),
    reject_reason: order.rejectReason === null ? undefined : rejectReasonText(order.rejectReason),
    fill_fees: formatAmount(order.fillFees, product.fees.unit),
    filled_size: formatAmount(order.filledSize, product.lot),
    executed_value: formatAmount(order.executedValue, product.quoteUnit),
    status: order.status,
    settled: order.status === 'done',
  };
}

/** What funds may trade, which is less by the fee that they are for as well. */
function fundsText({ funds, side, takerRate }: OrderRecord, product: Product): string | undefined {
  if (funds === null) return undefined;
  const units = side === 'buy' && takerRate ? product.funding?.quoteUnits : undefined;
  const net = units === undefined ? funds : Math.floor(valueWithin(funds * units, takerRate!) / units);
  return formatAmount(net, product.quoteUnit);
}

function doneReasonText({ doneReason }: OrderRecord): 'filled' | 'canceled' | undefined {
  if (doneReason === null) return undefined;
  return doneReason === 'filled' ? 'filled' : 'canceled';
}
