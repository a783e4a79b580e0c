import type { Level, Levels } from '@cardstock/client/book';
import type { Side } from '@cardstock/client/types';
import { divideUp, fromUnits, toUnits } from './decimal.ts';

/** A row of the ladder: what rests at a price or in its group, and with all better ones. `share` of the deepest is for drawing. */
export type Row = {
  readonly price: string;
  readonly size: string;
  readonly total: string;
  readonly units: bigint;
};

export type Grouping = {
  /** Of prices and sizes. */
  readonly pricePlaces: number;
  readonly sizePlaces: number;
  /** In units of the price's places. */
  readonly step: bigint;
};

/** The levels of half a book, best first: no further ones are made than are taken. */
export function* levelsOf(half: Levels): Generator<Level> {
  for (const price of half.prices()) yield [price, half.sizeAt(price)!];
}

/** The best `depth` rows. Bids round down and asks up, so that a group never looks better than what is in it. */
export function groupLevels(side: Side, levels: Iterable<Level>, depth: number, grouping: Grouping): Row[] {
  const { pricePlaces, sizePlaces, step } = grouping;
  const rows: Row[] = [];
  let [group, size, total] = [-1n, 0n, 0n];
  const close = (): void => {
    if (group < 0n) return;
    total += size;
    rows.push({
      price: fromUnits(group, pricePlaces),
      size: fromUnits(size, sizePlaces),
      total: fromUnits(total, sizePlaces),
      units: total,
    });
  };
  for (const [price, levelSize] of levels) {
    const units = toUnits(price, pricePlaces) ?? 0n;
    const key = side === 'buy' ? (units / step) * step : divideUp(units, step) * step;
    if (key !== group) {
      close();
      if (rows.length >= depth) return rows;
      [group, size] = [key, 0n];
    }
    size += toUnits(levelSize, sizePlaces) ?? 0n;
  }
  close();
  return rows.slice(0, depth);
}
