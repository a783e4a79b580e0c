import type { DoneReason, Side, Stop } from '../order.ts';
import type { RejectReason } from '../reject-reasons.ts';
import type { Command } from './commands.ts';

/**
 * What the matcher says became of each command. A report is a line of its own, followed by a line for each thing that
 * happened in the book:
 *
 *     <sequence> <ok | reject reason> <product> <feed sequence> <the command's line>
 *     match <trade id> <taker side> <maker order> <maker trader> <price> <size> [<maker's fee> <taker's fee>]
 *     cross <taker order> <taker trader> <what a match says>
 *     change <order> <amend | self_trade> <price> <size> <remaining> <kept | moved> [<hidden>]
 *     open <order> <remaining> [<rates>] [<hidden>]
 *     refill <order> <remaining> <hidden>
 *     done <order> <done reason> <remaining> [<hidden>]
 *     wait <order> <price> <size> <stop price> [<rates>]
 *     activate <order> <trader> <side> <price> <size> <funds> <loss | entry> <stop price> [<floor>]
 *     leave <order> <done reason> <remaining>
 *     account <trader> <currency> <available> <hold>
 *
 * The feed sequence in the head is the product's last one before this command. An accepted place is the public event
 * `received` and takes the next number; then every line but `account`, `wait` and `leave` takes one. A refused command, and one that
 * reaches no book, has `- 0` and takes none. Accounts come last, each that the command changed once, as the command left it.
 *
 * A stop order is not public before it is triggered: placing one takes no number, `wait` says what it waits with, anew after an
 * amend, and `leave` that it ended. `activate` is the number of its `received`; what follows, up to the next `activate`, is what
 * this order does.
 *
 * `cross` is a match of two orders that rest, as an auction ends.
 *
 * What remains of an iceberg is said in two parts, what it shows and what is hidden. `refill` says that its tip was used up and the
 * next one is the last in the queue at its price; it takes two numbers, for the public sees a change and then an open.
 *
 * Where a trade has a fee, both sides' are said: `<units> <rate> <over>`, see `Fee`. Rates are `<maker> <taker>`, in parts per
 * million, which an order keeps as long as it rests or waits; they are said unless they are zero and were so before.
 */
export type Report = {
  readonly sequence: number;
  readonly command: Command;
  /** Null when the command was accepted. */
  readonly rejectReason: RejectReason | null;
  /** The product whose book the command reached; null when it was refused, and for `product` commands. */
  readonly productId: string | null;
  /** The product's last feed sequence before this report. */
  readonly feedSequence: number;
  readonly events: BookEvent[];
  readonly accounts: AccountState[];
};

/** An account after a command, in units of its currency. Trader 0 is the system, which deposits come from. */
export type AccountState = {
  readonly traderId: number;
  readonly currency: string;
  readonly available: number;
  readonly hold: number;
};

export const changeCauses = ['amend', 'self_trade'] as const;

export type BookEvent = Match | Change | Open | Refill | Done | Wait | Activate | Leave;

/** A trade at the maker's price. The taker is the order that the command placed or amended, or one that it triggered; in an uncross, one that rests. */
export type Match = {
  readonly kind: 'match';
  readonly tradeId: number;
  readonly takerSide: Side;
  readonly makerOrderId: number;
  readonly makerTraderId: number;
  readonly takerOrderId: number;
  readonly takerTraderId: number;
  readonly price: number;
  readonly size: number;
  /** Only there if the trade has a fee for one of its sides. */
  readonly makerFee?: Fee;
  readonly takerFee?: Fee;
  /** Only there if it is true: both orders rested, and their product's auction made the price. */
  readonly uncrosses?: true;
};

/** What a trade cost an order, in units of the quote currency; at which rate; and what rounding has charged it too much so far, in millionths of a unit. */
export type Fee = { readonly units: number; readonly rate: number; readonly over: number };

/** In parts per million. */
export type FeeRates = { readonly maker: number; readonly taker: number };

/**
 * An order has a new price or size. `kept`: if it rests, it keeps its place; a taker that self-trade prevention reduced does
 * not rest yet. Otherwise an amend took it from its place, and an `open` or `done` follows.
 */
export type Change = {
  readonly kind: 'change';
  readonly orderId: number;
  readonly why: (typeof changeCauses)[number];
  /** Null for a market order. */
  readonly price: number | null;
  readonly size: number;
  readonly remaining: number;
  readonly kept: boolean;
  readonly hidden?: number;
};

/** The order rests, last in the queue at its price. */
export type Open = {
  readonly kind: 'open';
  readonly orderId: number;
  readonly remaining: number;
  readonly rates?: FeeRates;
  /** Only there if it is an iceberg, as everywhere; `remaining` is what it shows. */
  readonly hidden?: number;
};

/** An iceberg shows its next tip, last in the queue at its price. */
export type Refill = {
  readonly kind: 'refill';
  readonly orderId: number;
  readonly remaining: number;
  readonly hidden: number;
};

/** `remaining` is null for a market order that had funds and no size. */
export type Done = {
  readonly kind: 'done';
  readonly orderId: number;
  readonly reason: DoneReason;
  readonly remaining: number | null;
  readonly hidden?: number;
};

/** A stop order waits, newly placed or amended. A market order has no price, and may have no size. */
export type Wait = {
  readonly kind: 'wait';
  readonly orderId: number;
  readonly price: number | null;
  readonly size: number | null;
  readonly stopPrice: number;
  readonly rates?: FeeRates;
};

/** A stop order comes in, since a trade met its stop price. */
export type Activate = {
  readonly kind: 'activate';
  readonly orderId: number;
  readonly traderId: number;
  readonly side: Side;
  readonly price: number | null;
  readonly size: number | null;
  readonly funds: number | null;
  readonly stop: Stop;
  readonly stopPrice: number;
  /** Only there if it is an iceberg. */
  readonly maxFloor?: number;
};

/** A stop order that waited is done. */
export type Leave = Omit<Done, 'kind'> & { readonly kind: 'leave' };

/** How many feed numbers a report takes. */
export function feedNumbers({ command, rejectReason, events }: Report): number {
  let numbers = command.kind === 'place' && rejectReason === null && command.stop === null ? 1 : 0;
  for (const { kind } of events)
    numbers += kind === 'refill' ? 2 : kind === 'wait' || kind === 'leave' ? 0 : 1;
  return numbers;
}

/** The order that a report is about: the one placed, canceled or amended; null for other commands. */
export function orderIdOf({ command, sequence }: Report): number | null {
  if (command.kind === 'place') return sequence;
  return 'orderId' in command ? command.orderId : null;
}
