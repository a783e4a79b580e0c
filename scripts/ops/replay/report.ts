// The result of a replay, for people and for programs.

import { writeFileSync } from 'node:fs';
import { count } from '../../console/figures.ts';
import type { Book, Level } from './books.ts';
import type { Replayed } from './replay.ts';
import type { Units } from './units.ts';

export function describeReplay(replayed: Replayed, seconds: number): string {
  const {
    shard,
    first,
    last,
    played,
    trades,
    tradesSha256,
    resting,
    booksSha256,
    books,
    explanation,
    unitsOf,
  } = replayed;
  const rate = played / seconds;
  return [
    ...(explanation ? explanation.lines : []),
    ...(books ?? []).flatMap((book) => [...drawBook(book, unitsOf(book.productId), last), '']),
    `Sequences ${first} to ${last} of shard ${shard}: every outcome and every trade is as recorded.`,
    `  ${count(trades)} trades       SHA-256 ${tradesSha256}`,
    `  ${count(resting)} open orders  SHA-256 ${booksSha256}`,
    `  ${seconds.toFixed(1)} s, ${count(rate)} commands/s`,
  ].join('\n');
}

/** The worst ask on top, the worst bid at the bottom, as one reads a book: `<price>: <remaining>#<order> …`. */
function drawBook({ productId, bids, asks }: Book, units: Units, sequence: number): string[] {
  const draw = (side: string) => (level: Level) =>
    `  ${side} ${units.price(level.price)}: ${level.orders.map(({ id, remaining }) => `${units.size(remaining)}#${id}`).join(' ')}`;
  const lines = [...asks.map(draw('ask')).reverse(), ...bids.map(draw('bid'))];
  return [`${productId} after sequence ${sequence}`, ...(lines.length === 0 ? ['  empty'] : lines)];
}

/**
 * `{shard, first, last, played, trades, tradesSha256, resting, booksSha256, seconds, books?, explanation?}`; a half of a book is a
 * list of `[price, size, order id]`, best first.
 */
export function writeReplayJson(file: string, replayed: Replayed, seconds: number): void {
  const { unitsOf, books, explanation, ...facts } = replayed;
  const shown = books?.map(({ productId, bids, asks }) => ({
    productId,
    bids: bids.flatMap(entries(unitsOf(productId))),
    asks: asks.flatMap(entries(unitsOf(productId))),
  }));
  const result = { ...facts, seconds, books: shown, explanation: explanation ?? undefined };
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

function entries(units: Units): (level: Level) => [string, string, number][] {
  return ({ price, orders }) =>
    orders.map(({ id, remaining }) => [units.price(price), units.size(remaining), id]);
}
