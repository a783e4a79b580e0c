import type { Side } from '../../core/order.ts';
import type {
  Activate,
  Change,
  Done,
  Leave,
  Match,
  Open,
  Refill,
  Report,
  Wait,
} from '../../core/wire/reports.ts';
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
  /** What anybody may know of its size. */
  readonly size: number | null;
  /** Of an iceberg, what its trader alone knows of it besides. */
  readonly hidden?: number;
  readonly funds: number | null;
  readonly activated: Activate | null;
};

/**
 * Stop orders that wait are nobody's business; that one comes in is told as received. An iceberg that shows its next tip is told as
 * orders are that an amend moved.
 */
type Public = Match | Omit<Change, 'size'> | Open | Done;

export type FeedOrder = {
  readonly orderId: number;
  readonly traderId: number;
  readonly side: Side;
  /** Null for a market order. */
  readonly price: number | null;
};

/** `maxFloor`: how much of what remains anybody may know of; null for all. */
type Incoming = FeedOrder & { remaining: number | null; readonly maxFloor: number | null };

function shownOf({ remaining, maxFloor }: Incoming): number | null {
  return remaining === null || maxFloor === null ? remaining : Math.min(remaining, maxFloor);
}

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
  const say: Say = (event, order, { taker = null, before = null, restedAt = null } = {}) => {
    sequence++;
    tell.event({ productId, sequence, report, event, order, taker, before, restedAt });
  };
  // Whether or not anybody listens: it takes what was touched.
  const tellOwn = (event: OwnEvent['event']): void => {
    const own = ownEvent(report, productId, event, touched);
    tell.own?.(own);
  };
  const { command } = report;
  if (incoming && command.kind === 'place') say(received(incoming, command.funds, null), incoming);
  for (const event of report.events) {
    switch (event.kind) {
      case 'match': {
        if (event.uncrosses) {
          sayUncrossed(event, touched, say);
          break;
        }
        const { makerOrderId: orderId, makerTraderId: traderId, takerSide, price, size } = event;
        const side = takerSide === 'buy' ? 'sell' : 'buy';
        if (incoming?.remaining) incoming.remaining -= size;
        say(event, { orderId, traderId, side, price }, { taker: incoming, restedAt: price });
        break;
      }
      case 'wait':
      case 'leave':
        tellOwn(event);
        break;
      case 'activate': {
        const { orderId, traderId, side, price, size, funds } = event;
        if (orderId === report.sequence) tellOwn(event);
        incoming = { orderId, traderId, side, price, remaining: size, maxFloor: event.maxFloor ?? null };
        say(received(incoming, funds, event), incoming);
        break;
      }
      case 'open':
        say(event, incoming!);
        break;
      case 'change': {
        if (incoming?.orderId === event.orderId) {
          say(event, incoming, { before: shownOf(incoming) });
          incoming.remaining = event.remaining + (event.hidden ?? 0);
          break;
        }
        const { traderId, side, price, remaining } = touched.next().value!;
        const order = { orderId: event.orderId, traderId, side, price: event.price };
        if (!event.kept) incoming = moved(event, order);
        // The tip of an iceberg may be no larger than before, though it has a new place.
        const isNewTip = event.hidden !== undefined && !event.kept;
        say(event, order, { before: isNewTip ? 0 : remaining, restedAt: price });
        break;
      }
      case 'refill':
        sayRefill(event, touched, say);
        break;
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

type Say = (event: FeedEvent['event'], order: FeedOrder, more?: Partial<FeedEvent>) => void;

function sayUncrossed(match: Match, touched: Iterator<Touched>, say: Say): void {
  const [maker, taker] = [touched.next().value!, touched.next().value!];
  const [one, other] = [
    { ...maker, orderId: match.makerOrderId },
    { ...taker, orderId: match.takerOrderId },
  ];
  say(match, one, { taker: other, restedAt: maker.price });
}

function sayRefill(refill: Refill, touched: Iterator<Touched>, say: Say): void {
  const { traderId, side, price } = touched.next().value!;
  const order = { orderId: refill.orderId, traderId, side, price };
  const told = { ...refill, why: 'amend', price } as const;
  say({ ...told, kind: 'change', kept: false }, order, { before: 0, restedAt: price });
  say({ ...told, kind: 'open' }, order);
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
  const { traderId, side, price, size, maxFloor } = command;
  return { orderId: sequence, traderId, side, price, remaining: size, maxFloor };
}

/** What an amend took from its place comes in with all that remains of it. */
function moved({ remaining, hidden = 0 }: Change, order: FeedOrder): Incoming {
  return { ...order, remaining: remaining + hidden, maxFloor: hidden > 0 ? remaining : null };
}

function received(incoming: Incoming, funds: number | null, activated: Activate | null): Received {
  const size = shownOf(incoming);
  const event = { kind: 'received', size, funds, activated } as const;
  return incoming.maxFloor === null ? event : { ...event, hidden: incoming.remaining! - size! };
}
