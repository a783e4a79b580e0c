import type { DoneReason } from './order.ts';
import type { RejectReason } from './reject-reasons.ts';
import { orderIdOf, type Report } from './wire/reports.ts';

/** What reports did to one order, on top of what it was before them. A null field is as it was. */
export type OrderChange = {
  /** Lots and quote units traded. */
  filledSize: number;
  executedValue: number;
  /** The first and the last trade; what it traded lies between them in its trader's fills. */
  firstTradeId: number | null;
  lastTradeId: number | null;
  /** Price and size after an amend, or after self-trade prevention reduced it. */
  amendedPrice: number | null;
  amendedSize: number | null;
  /** The command that gave it a new place in its queue. */
  place: number | null;
  status: 'open' | 'done' | 'rejected' | null;
  doneReason: DoneReason | null;
  doneAt: number | null;
  rejectReason: RejectReason | null;
};

export function unchanged(): OrderChange {
  return {
    filledSize: 0,
    executedValue: 0,
    firstTradeId: null,
    lastTradeId: null,
    amendedPrice: null,
    amendedSize: null,
    place: null,
    status: null,
    doneReason: null,
    doneAt: null,
    rejectReason: null,
  };
}

/** Adds what a report says to the change of every order that it touches. */
export function applyReport(report: Report, changeOf: (orderId: number) => OrderChange): void {
  const ownId = orderIdOf(report);
  if (report.rejectReason !== null) {
    if (report.command.kind !== 'place') return;
    const change = changeOf(report.sequence);
    change.status = 'rejected';
    change.rejectReason = report.rejectReason;
    return;
  }
  for (const event of report.events) {
    switch (event.kind) {
      case 'match':
        for (const id of [event.makerOrderId, ownId!]) {
          const change = changeOf(id);
          change.filledSize += event.size;
          change.executedValue += event.price * event.size;
          change.firstTradeId ??= event.tradeId;
          change.lastTradeId = event.tradeId;
        }
        break;
      case 'change': {
        const change = changeOf(event.orderId);
        change.amendedPrice = event.price;
        change.amendedSize = event.size;
        break;
      }
      case 'open': {
        const change = changeOf(event.orderId);
        change.status = 'open';
        change.place = event.orderId === report.sequence ? null : report.sequence;
        break;
      }
      case 'done': {
        const change = changeOf(event.orderId);
        change.status = 'done';
        change.doneReason = event.reason;
        change.doneAt = report.command.time;
        break;
      }
      default:
        event satisfies never;
    }
  }
}
