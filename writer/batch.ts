import type { Side } from '../core/order.ts';
import { applyReport, type OrderChange, unchanged } from '../core/order-change.ts';
import type { Funding } from '../core/product.ts';
import type { RejectReason } from '../core/reject-reasons.ts';
import { type Command, encodeCommand, type Place } from '../core/wire/commands.ts';
import { feedNumbers, type Match, orderIdOf, type Report } from '../core/wire/reports.ts';
import { type AccountRow, createMoney, type LedgerRow } from './money.ts';

/** The reports of sequences `first` to `last` as rows. What a batch did to one order is one row, however often it traded. */
export type Batch = {
  readonly first: number;
  readonly last: number;
  /** Orders placed in this batch, in the state that they have at its end. */
  readonly orders: readonly NewOrder[];
  /** Changes of orders placed in earlier batches. */
  readonly changes: ReadonlyMap<number, OrderChange>;
  readonly trades: readonly TradeRow[];
  readonly commands: readonly CommandRow[];
  /** By product, the last numbers it gave. */
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly accounts: readonly AccountRow[];
  /** In the order of the movements. */
  readonly ledger: readonly (LedgerRow & { balance: number })[];
  readonly transfers: readonly TransferRow[];
  readonly requests: readonly RequestRow[];
  readonly frozen: readonly FrozenRow[];
  /** By product, the last command of which an order met the collar. */
  readonly collared: ReadonlyMap<string, number>;
};

/** What a trader's last `freeze` or `unfreeze` in the batch says. */
export type FrozenRow = { readonly traderId: number; readonly isFrozen: boolean; readonly sequence: number };

export type TransferRow = {
  readonly sequence: number;
  readonly command: Extract<Command, { transferId: string }>;
  readonly rejectReason: RejectReason | null;
};

/** Sequences next to each other that one HTTP request was given. */
export type RequestRow = { readonly requestId: string; readonly first: number; readonly last: number };

/** The funded products, and how they pay; `product` commands of a batch add to it. */
export type Fundings = Map<string, Funding>;

export type NewOrder = { readonly id: number; readonly command: Place; readonly change: OrderChange };

export type TradeRow = {
  readonly sequence: number;
  readonly match: Match;
  readonly takerOrderId: number;
  readonly takerTraderId: number;
  readonly takerSide: Side;
  readonly productId: string;
  readonly time: number;
};

/** A command that placed no order. */
export type CommandRow = {
  readonly sequence: number;
  readonly line: string;
  readonly orderId: number | null;
  readonly rejectReason: RejectReason | null;
};

/** `tradeId` is 0 if the batch has no trade of the product. */
export type Feed = { readonly feedSequence: number; readonly tradeId: number };

/** Turns at least one report, without a gap between them, into a batch. */
export function buildBatch(reports: readonly Report[], fundings: Fundings): Batch {
  const first = reports[0]!.sequence;
  const orders: NewOrder[] = [];
  const placed: (OrderChange | undefined)[] = new Array(reports.length); // by sequence, from the first on
  const changes = new Map<number, OrderChange>();
  const trades: TradeRow[] = [];
  const commands: CommandRow[] = [];
  const feeds = new Map<string, Growing<Feed>>();
  const requests: Growing<RequestRow>[] = [];
  const transfers: TransferRow[] = [];
  const frozen = new Map<number, FrozenRow>();
  const collared = new Map<string, number>();
  const money = createMoney();
  const changeOf = (orderId: number): OrderChange => {
    const known = placed[orderId - first] ?? changes.get(orderId);
    if (known) return known;
    const change = unchanged();
    changes.set(orderId, change);
    return change;
  };
  for (const report of reports) {
    const { sequence, command } = report;
    if (command.kind === 'place') {
      const change = unchanged();
      placed[sequence - first] = change;
      orders.push({ id: sequence, command, change });
    } else commands.push(commandRow(report));
    if (command.kind === 'product' && command.funding) fundings.set(command.productId, command.funding);
    if ('transferId' in command) transfers.push({ sequence, command, rejectReason: report.rejectReason });
    addFrozen(report, frozen);
    applyReport(report, changeOf);
    addTrades(report, trades);
    addCollared(report, collared);
    addFeed(report, feeds);
    addRequest(report, requests);
    money.add(report, report.productId === null ? undefined : fundings.get(report.productId));
  }
  return {
    first,
    last: reports.at(-1)!.sequence,
    orders,
    changes,
    trades,
    commands,
    feeds,
    accounts: money.accounts(),
    ledger: money.ledger(),
    transfers,
    requests,
    frozen: [...frozen.values()],
    collared,
  };
}

/** A row that the next report may still add to. */
type Growing<T> = { -readonly [Key in keyof T]: T[Key] };

function commandRow(report: Report): CommandRow {
  const { sequence, command, rejectReason } = report;
  return { sequence, line: encodeCommand(command), orderId: orderIdOf(report), rejectReason };
}

function addRequest({ sequence, command: { requestId } }: Report, rows: Growing<RequestRow>[]): void {
  if (requestId === null) return;
  const row = rows.at(-1);
  if (row?.requestId === requestId && row.last === sequence - 1) row.last = sequence;
  else rows.push({ requestId, first: sequence, last: sequence });
}

function addFrozen({ sequence, command }: Report, rows: Map<number, FrozenRow>): void {
  if (command.kind !== 'freeze' && command.kind !== 'unfreeze') return;
  const { kind, traderId } = command;
  rows.set(traderId, { traderId, isFrozen: kind === 'freeze', sequence });
}

function addTrades(report: Report, trades: TradeRow[]): void {
  const { sequence, command, productId } = report;
  for (const event of report.events) {
    if (event.kind !== 'match') continue;
    trades.push({
      sequence,
      match: event,
      takerOrderId: event.takerOrderId,
      takerTraderId: event.takerTraderId,
      takerSide: event.takerSide,
      productId: productId!,
      time: command.time,
    });
  }
}

function addCollared({ sequence, productId, events }: Report, collared: Map<string, number>): void {
  for (const event of events)
    if (event.kind === 'done' && event.reason === 'price_collar') collared.set(productId!, sequence);
}

function addFeed(report: Report, feeds: Map<string, Growing<Feed>>): void {
  if (report.productId === null) return;
  let feed = feeds.get(report.productId);
  if (!feed) {
    feed = { feedSequence: 0, tradeId: 0 };
    feeds.set(report.productId, feed);
  }
  feed.feedSequence = report.feedSequence + feedNumbers(report);
  for (const event of report.events) if (event.kind === 'match') feed.tradeId = event.tradeId;
}
