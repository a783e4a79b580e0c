import type { DoneReason, StoredStatus } from './order.ts';
import type { RejectReason } from './reject-reasons.ts';
import type { Activate, Fee, FeeRates, Match, Report, Wait } from './wire/reports.ts';

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
  /** Which of the stop orders that this command triggered, and of its refills, it was; 0: none any more. */
  turn: number | null;
  /** After an amend. */
  amendedStopPrice: number | null;
  amendedExpireTime: number | null;
  /** When a trade met its stop price. */
  activatedAt: number | null;
  fees: FeeChange | null;
  /** Of an iceberg: what it does not show. */
  hidden: number | null;
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
    fees: null,
    hidden: null,
    status: null,
    doneReason: null,
    doneAt: null,
    rejectReason: null,
  };
}

export type FeeChange = {
  /** What it paid, in units of the quote currency. */
  units: number;
  /** What rounding has charged it too much by now, in millionths of a unit. */
  over: number | null;
  /** The rates that it keeps, in parts per million. */
  makerRate: number | null;
  takerRate: number | null;
};

function feesOf(change: OrderChange): FeeChange {
  change.fees ??= { units: 0, over: null, makerRate: null, takerRate: null };
  return change.fees;
}

function addFee(change: OrderChange, { units, rate, over }: Fee, name: 'makerRate' | 'takerRate'): void {
  const fees = feesOf(change);
  fees.units += units;
  fees.over = over;
  fees[name] = rate;
}

function keepRates(change: OrderChange, rates: FeeRates | undefined): void {
  if (rates) Object.assign(feesOf(change), { makerRate: rates.maker, takerRate: rates.taker });
}

function takeAmended(change: OrderChange, event: Wait | Activate): void {
  change.amendedPrice = event.price;
  change.amendedSize = event.size;
  change.amendedStopPrice = event.stopPrice;
}

function end(change: OrderChange, reason: DoneReason, time: number): void {
  change.status = 'done';
  change.doneReason = reason;
  change.doneAt = time;
}

function applyMatch(match: Match, changeOf: (orderId: number) => OrderChange): void {
  for (const id of [match.makerOrderId, match.takerOrderId]) {
    const change = changeOf(id);
    change.filledSize += match.size;
    change.executedValue += match.price * match.size;
    change.firstTradeId ??= match.tradeId;
    change.lastTradeId = match.tradeId;
  }
  if (match.makerFee) addFee(changeOf(match.makerOrderId), match.makerFee, 'makerRate');
  if (match.takerFee)
    addFee(changeOf(match.takerOrderId), match.takerFee, match.uncrosses ? 'makerRate' : 'takerRate');
}

/** Adds what a report says to the change of every order that it touches. */
export function applyReport(report: Report, changeOf: (orderId: number) => OrderChange): void {
  if (report.rejectReason !== null) {
    if (report.command.kind === 'place')
      Object.assign(changeOf(report.sequence), { status: 'rejected', rejectReason: report.rejectReason });
    return;
  }
  if (report.command.kind === 'amend' && report.command.expireTime !== null)
    changeOf(report.command.orderId).amendedExpireTime = report.command.expireTime;
  let turns = 0;
  let activated = { orderId: 0, turn: 0 };
  const putLast = (change: OrderChange, orderId: number): void => {
    change.place = orderId === report.sequence ? null : report.sequence;
  };
  for (const event of report.events) {
    switch (event.kind) {
      case 'match':
        applyMatch(event, changeOf);
        break;
      case 'change': {
        const change = changeOf(event.orderId);
        change.amendedPrice = event.price;
        change.amendedSize = event.size;
        change.hidden = event.hidden ?? change.hidden;
        break;
      }
      case 'open': {
        const change = changeOf(event.orderId);
        change.status = 'open';
        change.hidden = event.hidden ?? change.hidden;
        putLast(change, event.orderId);
        keepRates(change, event.rates);
        if (event.orderId === activated.orderId) change.turn = activated.turn;
        else if (change.place !== null) change.turn = 0;
        break;
      }
      case 'refill': {
        const change = changeOf(event.orderId);
        turns++;
        change.turn = turns;
        change.hidden = event.hidden;
        putLast(change, event.orderId);
        break;
      }
      case 'wait': {
        const change = changeOf(event.orderId);
        change.status = 'active';
        keepRates(change, event.rates);
        putLast(change, event.orderId);
        if (event.orderId !== report.sequence) takeAmended(change, event);
        break;
      }
      case 'activate': {
        turns++;
        activated = { orderId: event.orderId, turn: turns };
        const change = changeOf(event.orderId);
        change.activatedAt = report.command.time;
        // An amend may have made it one that the last trade has met.
        if ('orderId' in report.command && report.command.orderId === event.orderId)
          takeAmended(change, event);
        break;
      }
      case 'leave':
      case 'done':
        end(changeOf(event.orderId), event.reason, report.command.time);
        break;
      default:
        event satisfies never;
    }
  }
}
