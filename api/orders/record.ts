import type { DoneReason, OrderStatus } from '../../core/order.ts';
import { applyReport, type OrderChange, unchanged } from '../../core/order-change.ts';
import type { RejectReason } from '../../core/reject-reasons.ts';
import type { Place } from '../../core/wire/commands.ts';
import type { Report } from '../../core/wire/reports.ts';

/** An order and what has become of it, as its row says or as its report does. Ticks, lots, quote units, milliseconds. */
export type OrderRecord = Omit<Place, 'kind' | 'time' | 'requestId'> & {
  readonly orderId: number;
  readonly createdAt: number;
  readonly amendedPrice: number | null;
  readonly amendedSize: number | null;
  readonly amendedStopPrice: number | null;
  readonly amendedExpireTime: number | null;
  /** When a trade met its stop price. */
  readonly activatedAt: number | null;
  readonly filledSize: number;
  /** In units of the quote currency. */
  readonly fillFees: number;
  /** In parts per million; null if it has none, or they are not known yet. */
  readonly takerRate: number | null;
  readonly executedValue: number;
  readonly firstTradeId: number | null;
  readonly lastTradeId: number | null;
  readonly status: OrderStatus;
  readonly doneReason: DoneReason | null;
  readonly doneAt: number | null;
  readonly rejectReason: RejectReason | null;
};

/** A new order after its report; without one it is pending. */
export function recordOf(orderId: number, place: Place, report: Report | null): OrderRecord {
  const change = unchanged();
  const others = unchanged(); // makers' changes, which concern nobody here
  if (report) applyReport(report, (id): OrderChange => (id === orderId ? change : others));
  return {
    orderId,
    // One by one: a copy that leaves out what no record has takes 0.8 µs.
    traderId: place.traderId,
    productId: place.productId,
    side: place.side,
    price: place.price,
    size: place.size,
    funds: place.funds,
    timeInForce: place.timeInForce,
    postOnly: place.postOnly,
    selfTradePrevention: place.selfTradePrevention,
    stop: place.stop,
    stopPrice: place.stopPrice,
    expireTime: place.expireTime,
    maxFloor: place.maxFloor,
    clientOid: place.clientOid,
    createdAt: place.time,
    amendedPrice: change.amendedPrice,
    amendedSize: change.amendedSize,
    amendedStopPrice: change.amendedStopPrice,
    amendedExpireTime: change.amendedExpireTime,
    activatedAt: change.activatedAt,
    filledSize: change.filledSize,
    fillFees: change.fees?.units ?? 0,
    takerRate: change.fees?.takerRate ?? null,
    executedValue: change.executedValue,
    firstTradeId: change.firstTradeId,
    lastTradeId: change.lastTradeId,
    status: change.status ?? 'pending',
    doneReason: change.doneReason,
    doneAt: change.doneAt,
    rejectReason: change.rejectReason,
  };
}
