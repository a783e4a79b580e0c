// Plays the recorded sequence of a shard through a second book, and compares every trade with what was recorded.

import { createHash } from 'node:crypto';
import { firstSequenceOf } from '../../../core/order.ts';
import { PlainError } from '../../console/errors.ts';
import { type BookTrade, createLevelBook, type LevelBook, tradeColumns } from '../model/level-book.ts';
import { copiedRows, lineByLine } from './copied-rows.ts';
import type { BenchOrder } from './orders.ts';

export class VerificationError extends PlainError {}

export type Replayed = {
  readonly commands: number;
  readonly trades: number;
  readonly resting: number;
  /** Of all trades in their order, one line each: `tradeColumns`, with tabs between. */
  readonly tradesSha256: string;
};

/** The whole sequence: placed orders from their rows, every other command from its line. */
const sequenceQuery = ({ first, last }: Range): string => `
  select id, 'place', trader_id, product_id, side, price, size from orders where id between ${first} and ${last}
  union all
  select sequence, line, null, null, null, null, null from commands where sequence between ${first} and ${last}
  order by 1`;
const tradesQuery = ({ first, last }: Range): string =>
  `select ${tradeColumns} from trades where sequence between ${first} and ${last} order by sequence, trade_id`;

type Range = { readonly first: number; readonly last: number };

/** Each shard has sequences of its own, which begin behind its number. */
export function rangeOf(shardNumber: number): Range {
  return { first: firstSequenceOf(shardNumber), last: firstSequenceOf(shardNumber + 1) - 1 };
}

/** Throws at the first difference. */
export async function replay(databaseUrl: string, shardNumber = 0): Promise<Replayed> {
  const range = rangeOf(shardNumber);
  const recorded = copiedRows(databaseUrl, tradesQuery(range));
  try {
    const sequence = copiedRows(databaseUrl, sequenceQuery(range));
    return await compare(sequence, range.first, lineByLine(recorded));
  } finally {
    await recorded.return(undefined);
  }
}

async function compare(
  sequence: AsyncGenerator<string[]>,
  first: number,
  nextRecorded: ReturnType<typeof lineByLine>,
): Promise<Replayed> {
  const book = createLevelBook();
  const sha = createHash('sha256');
  let [commands, trades] = [0, 0];
  for await (const lines of sequence) {
    let digested = '';
    for (const line of lines) {
      for (const trade of apply(book, line, first + commands++)) {
        const expected = trade.join('\t');
        const recorded = await nextRecorded();
        if (recorded !== expected) throw differs(expected, recorded);
        digested += `${expected}\n`;
        trades++;
      }
    }
    sha.update(digested);
  }
  const beyond = await nextRecorded();
  if (beyond !== null) throw differs('no further trade', beyond);
  return { commands, trades, resting: book.resting(), tradesSha256: sha.digest('hex') };
}

function differs(expected: string, recorded: string | null): VerificationError {
  return new VerificationError(
    `A trade is not what the second book makes of the sequence.\n  recorded: ${recorded ?? 'none'}\n  expected: ${expected}\n  (${tradeColumns})`,
  );
}

function apply(book: LevelBook, line: string, expected: number): readonly BookTrade[] {
  const [sequence, what, trader, productId, side, price, size] = line.split('\t');
  if (Number(sequence) !== expected)
    throw new VerificationError(`The sequence has a gap: ${expected} is missing, ${sequence} follows.`);
  if (what === 'place') {
    const order = { traderId: Number(trader), productId: productId!, side: side as BenchOrder['side'] };
    return book.place(expected, { ...order, price: Number(price), size: Number(size) });
  }
  const [verb, traderId, orderId] = what!.split(' ');
  if (verb === 'cancel') book.cancel(Number(orderId), Number(traderId));
  return [];
}
