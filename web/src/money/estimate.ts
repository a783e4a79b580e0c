import type { Level } from '@cardstock/client/book';
import { divideUp, fromUnits, toUnits } from './decimal.ts';

export type Places = { readonly price: number; readonly size: number };
const ratePlaces = 6;
const wholeRate = 10n ** BigInt(ratePlaces);

/** What an order would do to the book as it is: exact, in the quote currency's own steps. */
export type Estimate = {
  /** What trades at once. */
  readonly taken: string;
  /** What these trades cost or bring, without fees. */
  readonly value: string;
  readonly averagePrice: string | null;
  readonly fee: string;
  /** What is left of the size: rests if it may, else is canceled. Null for an order by funds alone. */
  readonly remaining: string | null;
  readonly worstPrice: string | null;
};

export type Wish = {
  readonly side: 'buy' | 'sell';
  /** The opposite half of the book, best first. */
  readonly levels: Iterable<Level>;
  readonly price: string | null;
  readonly size: string | null;
  readonly funds: string | null;
  readonly takerFeeRate: string;
};

/** Walks the book as the order would. Null if what was typed is not numbers. */
export function estimate(wish: Wish, places: Places): Estimate | null {
  const limit = wish.price === null ? null : toUnits(wish.price, places.price);
  const size = wish.size === null ? null : toUnits(wish.size, places.size);
  const quotePlaces = places.price + places.size;
  const funds = wish.funds === null ? null : toUnits(wish.funds, quotePlaces);
  const isNonsense = (wish.price !== null && limit === null) || (size === null && funds === null);
  if (isNonsense) return null;
  const rate = toUnits(wish.takerFeeRate, ratePlaces) ?? 0n;
  // The funds of a buy are for its fee as well.
  const spendable = funds !== null && wish.side === 'buy' ? (funds * wholeRate) / (wholeRate + rate) : funds;
  let [left, money, taken, value] = [size, spendable, 0n, 0n];
  let worst: bigint | null = null;
  for (const [priceText, sizeText] of wish.levels) {
    const price = toUnits(priceText, places.price)!;
    if (limit !== null && (wish.side === 'buy' ? price > limit : price < limit)) break;
    let amount = toUnits(sizeText, places.size)!;
    if (left !== null && left < amount) amount = left;
    if (money !== null && money / price < amount) amount = money / price;
    if (amount <= 0n) break;
    [taken, value, worst] = [taken + amount, value + amount * price, price];
    if (left !== null) left -= amount;
    if (money !== null) money -= amount * price;
  }
  return {
    taken: fromUnits(taken, places.size),
    value: fromUnits(value, quotePlaces),
    averagePrice: taken === 0n ? null : averageOf(value, taken, places.price),
    fee: fromUnits(divideUp(value * rate, wholeRate), quotePlaces),
    remaining: left === null ? null : fromUnits(left, places.size),
    worstPrice: worst === null ? null : fromUnits(worst, places.price),
  };
}

/** With two places more than the tick: an average is no price that one could ask for. */
function averageOf(value: bigint, taken: bigint, pricePlaces: number): string {
  return fromUnits((value * 100n) / taken, pricePlaces + 2);
}
