// A ladder with the tape beside it, as text.

import { formatAmount, type Increment } from '../../../core/units.ts';
import type { Book, Level, Trade } from './read.ts';

/** How a price and a size are written. */
export type Units = { readonly tick: Increment; readonly lot: Increment };

const reset = '\x1b[0m';
const colours = { buy: '\x1b[32m', sell: '\x1b[31m', dim: '\x1b[2m', bold: '\x1b[1m' } as const;
const sizeWidth = 14;
const priceWidth = 16;
const barWidth = 20;

type Picture = {
  readonly productId: string;
  readonly status: string;
  readonly book: Book;
  readonly trades: readonly Trade[];
  readonly units: Units;
  readonly isColoured: boolean;
};

/** Asks above, the best next to the spread; bids below; the newest trade first. */
export function draw(picture: Picture): string[] {
  const { productId, status, book, units, isColoured } = picture;
  const paint = painter(isColoured);
  const most = Math.max(1, ...cumulated(book.asks), ...cumulated(book.bids));
  const half = (levels: readonly Level[], side: 'buy' | 'sell'): string[] => {
    const sums = cumulated(levels);
    return levels.map((level, i) => {
      const cells = `${sizeOf(level, units).padStart(sizeWidth)}${priceOf(level, units).padStart(priceWidth)}`;
      return `${paint(side, cells)}  ${paint('dim', bar(sums[i]! / most))}`;
    });
  };
  const ladder = [
    ...half(book.asks, 'sell').reverse(),
    paint('dim', `${'spread'.padStart(sizeWidth)}${spreadOf(book, units).padStart(priceWidth)}`.padEnd(52)),
    ...half(book.bids, 'buy'),
  ];
  const tape = [...picture.trades].reverse().map((trade) => tapeLine(trade, units, paint));
  const head = `${'size'.padStart(sizeWidth)}${'price'.padStart(priceWidth)}`.padEnd(52);
  const rows = Array.from({ length: Math.max(ladder.length, Math.min(tape.length, ladder.length)) }, (_, i) =>
    `${ladder[i]}   ${tape[i] ?? ''}`.trimEnd(),
  );
  return [
    `${paint('bold', productId)}  ${status}`,
    '',
    paint(
      'dim',
      `${head}   ${'time'.padEnd(12)}${'price'.padStart(priceWidth)}${'size'.padStart(sizeWidth)}`,
    ),
    ...rows,
  ];
}

/** The best bid and ask in one line. */
export function bestLine({ bids, asks }: Book, units: Units): string {
  const side = (level: Level | undefined): string =>
    level ? `${priceOf(level, units)} x ${sizeOf(level, units)}` : 'none';
  return `best  bid ${side(bids[0])}  ask ${side(asks[0])}`;
}

export function tradeLine(trade: Trade, units: Units): string {
  const { takerSide, tradeId, time } = trade;
  return `trade  ${new Date(time).toISOString()}  ${takerSide}  ${priceOf(trade, units)} x ${sizeOf(trade, units)}  #${tradeId}`;
}

type Paint = (colour: keyof typeof colours, text: string) => string;

function painter(isColoured: boolean): Paint {
  return (colour, text) => (isColoured ? `${colours[colour]}${text}${reset}` : text);
}

function tapeLine(trade: Trade, units: Units, paint: Paint): string {
  const time = new Date(trade.time).toISOString().slice(11, 23);
  const cells = `${priceOf(trade, units).padStart(priceWidth)}${sizeOf(trade, units).padStart(sizeWidth)}`;
  return `${time}${paint(trade.takerSide, cells)}`;
}

function cumulated(levels: readonly Level[]): number[] {
  let sum = 0;
  return levels.map(({ size }) => {
    sum += size;
    return sum;
  });
}

function bar(share: number): string {
  return '▒'.repeat(Math.round(share * barWidth)).padEnd(barWidth);
}

function priceOf({ price }: { readonly price: number }, { tick }: Units): string {
  return formatAmount(price, tick);
}

function sizeOf({ size }: { readonly size: number }, { lot }: Units): string {
  return formatAmount(size, lot);
}

function spreadOf({ bids, asks }: Book, { tick }: Units): string {
  return bids[0] && asks[0] ? formatAmount(asks[0].price - bids[0].price, tick) : '-';
}
