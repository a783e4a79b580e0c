import type { WebhookEvent } from '../core/webhooks.ts';
import type { Command } from '../core/wire/commands.ts';
import type { Report } from '../core/wire/reports.ts';

/** Something that happened to a trader, in whole ticks, lots and units. */
export type Notice = {
  /** Null where the report does not say it: the trader of the order, whoever has a webhook. */
  readonly traderId: number | null;
  readonly event: WebhookEvent;
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
      else addBookEvents(report, subscribed, notices);
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

/**
 * An order in a report is its taker's trader's, unless a match before it says that it is somebody else's. The taker is
 * the command's own order, or the stop order that came in last. Orders that expire have no taker, and where an auction ends both
 * orders of a match rest.
 */
function addBookEvents(report: Report, subscribed: ReadonlySet<number>, notices: Notice[]): void {
  const { sequence, command, productId } = report;
  const { time } = command;
  let taker = 'traderId' in command ? command.traderId : null;
  const rested = new Map<number, number>();
  const add = (traderId: number | null, event: Notice['event'], data: Notice['data']): void => {
    if (traderId === null || subscribed.has(traderId))
      notices.push({ traderId, event, sequence, time, data });
  };
  for (const event of report.events) {
    switch (event.kind) {
      case 'match': {
        const { tradeId, price, size, makerOrderId, makerTraderId, takerSide } = event;
        const [makerFee, takerFee] = [event.makerFee?.units ?? 0, event.takerFee?.units ?? 0];
        rested.set(makerOrderId, makerTraderId);
        if (event.uncrosses) rested.set(event.takerOrderId, event.takerTraderId);
        const trade = { trade_id: tradeId, product_id: productId, price, size };
        const makerSide = takerSide === 'buy' ? 'sell' : 'buy';
        const made = { order_id: makerOrderId, side: makerSide, liquidity: 'M', fee: makerFee };
        const taken = { order_id: event.takerOrderId, side: takerSide, liquidity: 'T', fee: takerFee };
        add(makerTraderId, 'trade', { ...trade, ...made });
        add(event.takerTraderId, 'trade', { ...trade, ...taken });
        break;
      }
      case 'activate':
        taker = event.traderId;
        break;
      case 'open':
        add(taker, 'order.open', {
          order_id: event.orderId,
          remaining: event.remaining + (event.hidden ?? 0),
        });
        break;
      case 'wait':
        add(taker, 'order.active', { order_id: event.orderId });
        break;
      case 'done':
      case 'leave':
        add(rested.get(event.orderId) ?? taker, 'order.done', { order_id: event.orderId });
        break;
      case 'change':
      case 'refill':
        break;
      default:
        event satisfies never;
    }
  }
}
