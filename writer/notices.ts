import type { Command } from '../core/wire/commands.ts';
import { orderIdOf, type Report } from '../core/wire/reports.ts';

/** Something that happened to a trader, in whole ticks, lots and units. */
export type Notice = {
  readonly traderId: number;
  readonly event: 'order.open' | 'order.done' | 'trade' | 'transfer';
  readonly sequence: number;
  readonly time: number;
  readonly data: Readonly<Record<string, string | number | null>>;
};

/** Notices for traders that have webhooks, in the order in which things happened. */
export function noticesOf(reports: readonly Report[], subscribed: ReadonlySet<number>): Notice[] {
  const notices: Notice[] = [];
  if (subscribed.size === 0) return notices;
  for (const report of reports)
    if (report.rejectReason === null) {
      if ('transferId' in report.command) addTransfer(report, report.command, subscribed, notices);
      else if ('traderId' in report.command) addBookEvents(report, subscribed, notices);
    }
  return notices;
}

function addTransfer(
  { sequence, command: { time } }: Report,
  command: Extract<Command, { transferId: string }>,
  subscribed: ReadonlySet<number>,
  notices: Notice[],
): void {
  const { kind, traderId, transferId: transfer_id, currency, amount } = command;
  const to = command.kind === 'transfer' ? command.toTraderId : null;
  const data = { transfer_id, type: kind, currency, amount, trader_id: traderId, to_trader_id: to };
  for (const one of new Set(to === null ? [traderId] : [traderId, to]))
    if (subscribed.has(one)) notices.push({ traderId: one, event: 'transfer', sequence, time, data });
}

/** An order in a report is the command's own trader's, unless a match before it says that it is a maker of somebody else. */
function addBookEvents(report: Report, subscribed: ReadonlySet<number>, notices: Notice[]): void {
  const { sequence, command, productId } = report;
  if (!('traderId' in command)) return;
  const { traderId: takerId, time } = command;
  const makers = new Map<number, number>();
  const add = (traderId: number, event: Notice['event'], data: Notice['data']): void => {
    if (subscribed.has(traderId)) notices.push({ traderId, event, sequence, time, data });
  };
  for (const event of report.events) {
    if (event.kind === 'match') {
      const { tradeId, price, size, makerOrderId, makerTraderId, takerSide } = event;
      makers.set(makerOrderId, makerTraderId);
      const trade = { trade_id: tradeId, product_id: productId, price, size };
      const makerSide = takerSide === 'buy' ? 'sell' : 'buy';
      add(makerTraderId, 'trade', { ...trade, order_id: makerOrderId, side: makerSide, liquidity: 'M' });
      add(takerId, 'trade', { ...trade, order_id: orderIdOf(report), side: takerSide, liquidity: 'T' });
    } else if (event.kind === 'open')
      add(takerId, 'order.open', { order_id: event.orderId, remaining: event.remaining });
    else if (event.kind === 'done')
      add(makers.get(event.orderId) ?? takerId, 'order.done', { order_id: event.orderId });
  }
}
