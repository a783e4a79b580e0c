import type { DoneReason, StoredStatus } from './order.ts';
import type { RejectReason } from './reject-reasons.ts';
import type { Activate, Report, Wait } from './wire/reports.ts';

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
  /** Which of the stop orders that this command triggered it was; 0: none any more. */
  turn: number | null;
  /** After an amend. */
  amendedStopPrice: number | null;
  amendedExpireTime: number | null;
  /** When a trade met its stop price. */
  activatedAt: number | null;
  status: StoredStatus | null;
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
    turn: null,
    amendedStopPrice: null,
    amendedExpireTime: null,
    activatedAt: null,
    status: null,
    doneReason: null,
    doneAt: null,
    rejectReason: null,
  };
}

function takeAmended(change: OrderChange, event: Wait | Activate): void {
  change.amendedPrice = event.price;
  change.amendedSize = event.size;
  change.amendedStopPrice = event.stopPrice;
}

/** Adds what a report says to the change of every order that it touches. */
export function applyReport(report: Report, changeOf: (orderId: number) => OrderChange): void {
  if (report.rejectReason !== null) {
    if (report.command.kind !== 'place') return;
    const change = changeOf(report.sequence);
    change.status = 'rejected';
    change.rejectReason = report.rejectReason;
    return;
  }
  if (report.command.kind === 'amend' && report.command.expireTime !== null)
    changeOf(report.command.orderId).amendedExpireTime = report.command.expireTime;
  let turns = 0;
  let activated = 0;
  for (const event of report.events) {
    switch (event.kind) {
      case 'match':
        for (const id of [event.makerOrderId, event.takerOrderId]) {
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
        if (event.orderId === activated) change.turn = turns;
        else if (change.place !== null) change.turn = 0;
        break;
      }
      case 'wait': {
        const change = changeOf(event.orderId);
        change.status = 'active';
        change.place = event.orderId === report.sequence ? null : report.sequence;
        if (event.orderId !== report.sequence) takeAmended(change, event);
        break;
      }
      case 'activate': {
        turns++;
        activated = event.orderId;
        changeOf(activated).activatedAt = report.command.time;
        // An amend may have made it one that the last trade has met.
        if ('orderId' in report.command && report.command.orderId === activated)
          takeAmended(changeOf(activated), event);
        break;
      }
      case 'leave':
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
