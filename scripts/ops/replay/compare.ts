// What was recorded against what the replay makes of the same commands.

import type { EventsEntry } from '../../../core/wire/events.ts';
import { PlainError } from '../../console/errors.ts';
import type { Played } from './play.ts';
import { tradeColumns } from './recorded.ts';

/** The first thing that is not as recorded, with what is known about its command. */
export class DifferenceError extends PlainError {
  readonly sequence: number;
  constructor(sequence: number, message: string) {
    super(message);
    this.name = 'DifferenceError';
    this.sequence = sequence;
  }
}

/** Throws `DifferenceError` if a command of the page came to anything else than PostgreSQL says. */
export function comparePage({ page, entries }: Played): void {
  const outcomes: Outcomes = { refusals: [], trades: [] };
  for (const entry of entries) readOutcomes(entry, page.first, outcomes);
  const { refusals, trades } = outcomes;
  if (refusals.join('\n') !== page.refusals)
    throw differenceIn({ page, entries }, { what: 'refused', recorded: page.refusals, replayed: refusals });
  if (trades.join('\n') !== page.trades)
    throw differenceIn({ page, entries }, { what: 'traded', recorded: page.trades, replayed: trades });
}

/** In the text in which PostgreSQL gives them, see `recorded.ts`. */
type Outcomes = { readonly refusals: string[]; readonly trades: string[] };

/** As `decodeReports` tells lines apart: heads begin with a digit, and of the others only a match with an m. */
const [nine, m] = [57, 109];
const [activation, crossing] = ['activate ', 'cross '];

/**
 * Adds the outcomes from a sequence on. It reads the text of `core/wire/reports.ts` as far as it must, and makes no objects of
 * it: `decodeReports` takes Node as long as the matching takes Redis.
 */
function readOutcomes(entry: EventsEntry, from: number, { refusals, trades }: Outcomes): void {
  const text = String(entry.text);
  let taker: Taker | null = null;
  let head = '';
  let isWanted = false;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const first = text.charCodeAt(start);
    if (first <= nine) {
      head = text.slice(start, end);
      taker = null;
      isWanted = Number.parseInt(head, 10) >= from;
      const [sequence, verdict] = head.split(' ', 2);
      if (isWanted && verdict !== 'ok') refusals.push(`${sequence} ${verdict}`);
    } else if (first === m && isWanted) {
      taker ??= takerIn(head);
      trades.push(tradeLine(taker, text.slice(start, end)));
    } else if (isWanted && text.startsWith(crossing, start)) {
      trades.push(crossLine(takerIn(head), text.slice(start, end)));
    } else if (isWanted && text.startsWith(activation, start)) {
      const [, orderId, traderId] = text.slice(start, end).split(' ', 3);
      taker = { ...takerIn(head), orderId: orderId!, traderId: traderId! };
    }
    start = end + 1;
  }
}

type Taker = {
  readonly sequence: string;
  readonly productId: string;
  readonly orderId: string;
  readonly traderId: string;
};

/** From `<sequence> ok <product> <feed> place <trader> …`, or `… amend <trader> <order> …`. */
function takerIn(head: string): Taker {
  const [sequence, , productId, , verb, traderId, orderId] = head.split(' ', 7) as [
    string,
    string,
    ...string[],
  ];
  return {
    sequence,
    productId: productId!,
    orderId: verb === 'place' || verb === 'order' ? sequence : orderId!,
    traderId: traderId!,
  };
}

/** Of `match <trade id> <taker side> <maker order> <maker trader> <price> <size> [<fees>]`, the columns of `tradeColumns`. */
function tradeLine({ sequence, productId, orderId, traderId }: Taker, line: string): string {
  const [, tradeId, side, maker, makerTrader, price, size, makerFee, , , takerFee] = line.split(' ');
  const fees = makerFee === undefined ? '' : `\t${makerFee}\t${takerFee}`;
  return `${sequence}\t${productId}\t${tradeId}\t${maker}\t${orderId}\t${price}\t${size}\t${makerTrader}\t${traderId}\t${side}${fees}`;
}

/** `cross <taker order> <taker trader>`, and on as a match. */
function crossLine(command: Taker, line: string): string {
  const [, orderId, traderId, ...match] = line.split(' ') as [string, string, string, ...string[]];
  return tradeLine({ ...command, orderId, traderId }, `match ${match.join(' ')}`);
}

type Compared = {
  readonly what: 'refused' | 'traded';
  readonly recorded: string;
  readonly replayed: readonly string[];
};

function differenceIn({ page }: Played, { what, recorded, replayed }: Compared): DifferenceError {
  const lines = recorded === '' ? [] : recorded.split('\n');
  let at = 0;
  while (lines[at] === replayed[at]) at++;
  const sequence = Math.min(sequenceOf(lines[at]), sequenceOf(replayed[at]));
  return new DifferenceError(
    sequence,
    [
      `Sequence ${sequence} is not as it was recorded.`,
      `  command: ${page.lines[sequence - page.first] ?? 'not in this part'}`,
      `  recorded as ${what}:`,
      ...linesOf(sequence, lines),
      `  replayed as ${what}:`,
      ...linesOf(sequence, replayed),
      `  (${what === 'traded' ? tradeColumns.join(' ') : 'sequence and reason'})`,
    ].join('\n'),
  );
}

function linesOf(sequence: number, lines: readonly string[]): string[] {
  const own = lines.filter((line) => sequenceOf(line) === sequence);
  return own.length === 0 ? ['    nothing'] : own.map((line) => `    ${line.replaceAll('\t', ' ')}`);
}

function sequenceOf(line: string | undefined): number {
  return line === undefined ? Number.POSITIVE_INFINITY : Number.parseInt(line, 10);
}
