import type { Side } from '../../core/order.ts';
import type { Activate, Change, Done, Leave, Match, Open, Report, Wait } from '../../core/wire/reports.ts';
import type { Touched } from '../market-data/market-data.ts';

/** One number of a product's feed: that an order came, or what happened to one. */
export type FeedEvent = {
  readonly productId: string;
  readonly sequence: number;
  /** The report of the command that did it. */
  readonly report: Report;
  readonly event: Received | Public;
  /** The order that it is about; the maker of a match. */
  readonly order: FeedOrder;
  /** The taker of a match. */
  readonly taker: FeedOrder | null;
  /** What remained of the order before. Null if that is not known, or has no bound. */
  readonly before: number | null;
  /** The price at which the order rested before; null if it did not. */
  readonly restedAt: number | null;
};

/** What becomes of a stop order before it comes in. It has no number, and is its trader's alone. */
export type OwnEvent = {
  readonly productId: string;
  readonly report: Report;
  /** That it comes in is told like this only if it never waited. */
  readonly event: Wait | Leave | Activate;
  readonly order: Pick<FeedOrder, 'orderId' | 'traderId' | 'side'>;
};

export type Tell = {
  readonly event: (event: FeedEvent) => void;
  readonly own?: (event: OwnEvent) => void;
};

/** An order came in: placed, or a stop order that was triggered. Null where a market order has none. */
export type Received = {
  readonly kind: 'received';
  readonly size: number | null;
  readonly funds: number | null;
  readonly activated: Activate | null;
};

/** Stop orders that wait are nobody's business; that one comes in is told as received. */
type Public = Match | Change | Open | Done;

export type FeedOrder = {
  readonly orderId: number;
  readonly traderId: number;
  readonly side: Side;
  /** Null for a market order. */
  readonly price: number | null;
};

type Incoming = FeedOrder & { remaining: number | null };

/**
 * Tells every event of the reports of one run, in order. `touched` is what the market data say of that run, since events name
 * resting orders by their ids only.
 */
export function forEachEvent(reports: readonly Report[], touched: readonly Touched[], tell: Tell): void {
  const next = touched[Symbol.iterator]();
  for (const report of reports) if (report.productId !== null) tellOf(report, report.productId, next, tell);
}

function tellOf(report: Report, productId: string, touched: Iterator<Touched>, tell: Tell): void {
  let sequence = report.feedSequence;
  let incoming = placed(report);
  const say = (
    event: FeedEvent['event'],
    order: FeedOrder,
    { taker = null, before = null, restedAt = null }: Partial<FeedEvent> = {},
  ): void => {
    sequence++;
    tell.event({ productId, sequence, report, event, order, taker, before, restedAt });
  };
  const { command } = report;
  if (incoming && command.kind === 'place') {
    const { size, funds } = command;
    say({ kind: 'received', size, funds, activated: null }, incoming);
  }
  for (const event of report.events) {
    switch (event.kind) {
      case 'match': {
        const { makerOrderId: orderId, makerTraderId: traderId, takerSide, price, size } = event;
        const side = takerSide === 'buy' ? 'sell' : 'buy';
        if (event.uncrosses) {
          const [maker, taker] = [touched.next().value!, touched.next().value!];
          say(
            event,
            { ...maker, orderId },
            { taker: { ...taker, orderId: event.takerOrderId }, restedAt: maker.price },
          );
          break;
        }
        if (incoming?.remaining) incoming.remaining -= size;
        say(event, { orderId, traderId, side, price }, { taker: incoming, restedAt: price });
        break;
      }
      case 'wait':
      case 'leave': {
        const own = ownEvent(report, productId, event, touched);
        tell.own?.(own);
        break;
      }
      case 'activate': {
        const { orderId, traderId, side, price, size, funds } = event;
        if (orderId === report.sequence) tell.own?.(ownEvent(report, productId, event, touched));
        incoming = { orderId, traderId, side, price, remaining: size };
        say({ kind: 'received', size, funds, activated: event }, incoming);
        break;
      }
      case 'open':
        say(event, incoming!);
        break;
      case 'change': {
        if (incoming?.orderId === event.orderId) {
          say(event, incoming, { before: incoming.remaining });
          incoming.remaining = event.remaining;
          break;
        }
        const { traderId, side, price, remaining } = touched.next().value!;
        const order = { orderId: event.orderId, traderId, side, price: event.price };
        if (!event.kept) incoming = { ...order, remaining: event.remaining };
        say(event, order, { before: remaining, restedAt: price });
        break;
      }
      case 'done': {
        if (incoming?.orderId === event.orderId) {
          say(event, incoming);
          break;
        }
        const { traderId, side, price } = touched.next().value!;
        say(event, { orderId: event.orderId, traderId, side, price }, { restedAt: price });
        break;
      }
    }
  }
}

function ownEvent(
  report: Report,
  productId: string,
  event: OwnEvent['event'],
  touched: Iterator<Touched>,
): OwnEvent {
  const { command, sequence } = report;
  const { orderId } = event;
  const { traderId, side } =
    command.kind === 'place' && orderId === sequence ? command : touched.next().value!;
  return { productId, report, event, order: { orderId, traderId, side } };
}

function placed({ sequence, command }: Report): Incoming | null {
  if (command.kind !== 'place' || command.stop !== null) return null;
  const { traderId, side, price, size } = command;
  return { orderId: sequence, traderId, side, price, remaining: size };
}
