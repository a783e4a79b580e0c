import type { Product } from '../../core/product.ts';
import { formatAmount } from '../../core/units.ts';
import type { Place } from '../../core/wire/commands.ts';
import type { Leave, Wait } from '../../core/wire/reports.ts';
import { iso } from '../http/iso.ts';
import type { OwnEvent } from './events.ts';
import { cancelReasons } from './presentation.ts';

/** What the trader of a stop order is told of it before it comes in: that it is active, what an amend made of it, that it ended. */
export function presentWaiting(own: OwnEvent, product: Product): Record<string, unknown> {
  const { event, report } = own;
  if (event.kind === 'leave') return { type: 'done', ...head(own), ...leaveFields(event, product) };
  if (report.command.kind === 'place') return activation(own, report.command, product);
  return { type: 'change', ...head(own), ...changeFields(event as Wait, product) };
}

function head({ report, productId, order }: OwnEvent) {
  const trader = String(order.traderId);
  return {
    ...{ time: iso(report.command.time), product_id: productId, order_id: String(order.orderId) },
    ...{ side: order.side, user_id: trader, profile_id: trader },
  };
}

function activation(
  own: OwnEvent,
  { size, funds, stop, stopPrice, clientOid, time }: Place,
  product: Product,
) {
  return {
    ...{ type: 'activate', timestamp: String(time / 1_000), ...head(own), stop_type: stop },
    stop_price: formatAmount(stopPrice!, product.tick),
    size: size === null ? undefined : formatAmount(size, product.lot),
    funds: funds === null ? undefined : formatAmount(funds, product.quoteUnit),
    client_oid: clientOid ?? undefined,
    private: true,
  };
}

function changeFields({ price, size, stopPrice }: Wait, { tick, lot }: Product) {
  return {
    reason: 'modify_order',
    price: price === null ? null : formatAmount(price, tick),
    new_size: size === null ? null : formatAmount(size, lot),
    stop_price: formatAmount(stopPrice, tick),
  };
}

function leaveFields({ reason, remaining }: Leave, { lot }: Product) {
  return {
    reason: 'canceled',
    cancel_reason: cancelReasons[reason],
    remaining_size: remaining === null ? undefined : formatAmount(remaining, lot),
  };
}
