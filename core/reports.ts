import { type Command, decodeCommand } from './commands.ts';
import type { DoneReason, Side } from './order.ts';
import type { RejectReason } from './reject-reasons.ts';

/**
 * What the matcher says became of each command. A report is a line of its own, followed by a line for each thing that
 * happened in the book:
 *
 *     <sequence> <ok | reject reason> <product> <feed sequence> <the command's line>
 *     match <trade id> <taker side> <maker order> <maker trader> <price> <size>
 *     change <order> <amend | self_trade> <price> <size> <remaining> <kept | moved>
 *     open <order> <remaining>
 *     done <order> <done reason> <remaining>
 *     account <trader> <currency> <available> <hold>
 *
 * The feed sequence in the head is the product's last one before this command. An accepted place is the public event
 * `received` and takes the next number; then every line but `account` takes one. A refused command, and one that reaches no
 * book, has `- 0` and takes none. Accounts come last, each that the command changed once, as the command left it.
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

export type BookEvent = Match | Change | Open | Done;

/** A trade at the maker's price. The taker is the order that the command placed or amended. */
export type Match = {
  readonly kind: 'match';
  readonly tradeId: number;
  readonly takerSide: Side;
  readonly makerOrderId: number;
  readonly makerTraderId: number;
  readonly price: number;
  readonly size: number;
};

/**
 * An order has a new price or size. `kept`: if it rests, it keeps its place; a taker that self-trade prevention reduced does
 * not rest yet. Otherwise an amend took it from its place, and an `open` or `done` follows.
 */
export type Change = {
  readonly kind: 'change';
  readonly orderId: number;
  readonly why: 'amend' | 'self_trade';
  /** Null for a market order. */
  readonly price: number | null;
  readonly size: number;
  readonly remaining: number;
  readonly kept: boolean;
};

/** The order rests, last in the queue at its price. */
export type Open = { readonly kind: 'open'; readonly orderId: number; readonly remaining: number };

/** `remaining` is null for a market order that had funds and no size. */
export type Done = {
  readonly kind: 'done';
  readonly orderId: number;
  readonly reason: DoneReason;
  readonly remaining: number | null;
};

/** How many feed numbers a report takes. */
export function feedNumbers(report: Report): number {
  const received = report.command.kind === 'place' && report.rejectReason === null ? 1 : 0;
  return received + report.events.length;
}

/** The order that a report is about: the one placed, canceled or amended; null for other commands. */
export function orderIdOf({ command, sequence }: Report): number | null {
  if (command.kind === 'place') return sequence;
  return 'orderId' in command ? command.orderId : null;
}

/** Decodes the text of one events entry. Throws on a line it does not know. */
export function decodeReports(text: string): Report[] {
  const reports: Report[] = [];
  let current: Report | undefined;
  for (const line of text.split('\n')) {
    const words = line.split(' ');
    if (line.charCodeAt(0) <= 57 /* '9' */) {
      current = decodeHead(words);
      reports.push(current);
    } else if (words[0] === 'account') {
      current!.accounts.push(decodeAccount(words));
    } else {
      current!.events.push(decodeEvent(words));
    }
  }
  return reports;
}

function decodeHead(words: string[]): Report {
  const accepted = words[1] === 'ok';
  return {
    sequence: Number(words[0]),
    command: decodeCommand(words, 4),
    rejectReason: accepted ? null : (words[1] as RejectReason),
    productId: words[2] === '-' ? null : words[2]!,
    feedSequence: Number(words[3]),
    events: [],
    accounts: [],
  };
}

function decodeAccount(words: string[]): AccountState {
  return {
    traderId: Number(words[1]),
    currency: words[2]!,
    available: Number(words[3]),
    hold: Number(words[4]),
  };
}

function decodeEvent(words: string[]): BookEvent {
  switch (words[0]) {
    case 'match':
      return {
        kind: 'match',
        tradeId: Number(words[1]),
        takerSide: words[2] as Side,
        makerOrderId: Number(words[3]),
        makerTraderId: Number(words[4]),
        price: Number(words[5]),
        size: Number(words[6]),
      };
    case 'change':
      return {
        kind: 'change',
        orderId: Number(words[1]),
        why: words[2] as Change['why'],
        price: words[3] === '-' ? null : Number(words[3]),
        size: Number(words[4]),
        remaining: Number(words[5]),
        kept: words[6] === 'kept',
      };
    case 'open':
      return { kind: 'open', orderId: Number(words[1]), remaining: Number(words[2]) };
    case 'done': {
      const remaining = words[3] === '-' ? null : Number(words[3]);
      return { kind: 'done', orderId: Number(words[1]), reason: words[2] as DoneReason, remaining };
    }
    default:
      throw new Error(`unknown report line: ${words.join(' ')}`);
  }
}
