import { shardMark, shardNumberOf } from '../../core/order.ts';

/**
 * A place in a list of several shards: a row, and for each other shard a cut, the highest sequence that is older. So a page is left
 * for the next one without a row lost or shown twice, whatever the clocks of the apis say. Its text is `row:cut:cut`.
 */
export type Cursor = { readonly row: number; readonly cuts: ReadonlyMap<number, number> };

export function cursorFrom([row, ...cuts]: readonly number[]): Cursor {
  return { row: row!, cuts: new Map(cuts.map((cut) => [shardNumberOf(cut), cut])) };
}

/** Which sequences of a shard a page may show: those between the two. */
export type Span = { readonly shard: number; readonly above: number; readonly below: number };

type Cursors = { readonly after: Cursor | null; readonly before: Cursor | null };

/** The shards of which a cursor says nothing, such as those that came since. */
export function missingIn({ row, cuts }: Cursor, shards: readonly number[]): number[] {
  return shards.filter((shard) => shard !== shardNumberOf(row) && !cuts.has(shard));
}

/** The cursors must say something of every shard. */
export function spansOf(shards: readonly number[], { after, before }: Cursors): Span[] {
  const isOf = (shard: number, { row }: Cursor): boolean => shardNumberOf(row) === shard;
  const above = (shard: number): number => {
    if (!before) return shardMark(shard);
    return isOf(shard, before) ? before.row : before.cuts.get(shard)!;
  };
  const below = (shard: number): number => {
    if (!after) return shardMark(shard + 1);
    return isOf(shard, after) ? after.row : after.cuts.get(shard)! + 1;
  };
  return shards.map((shard) => ({ shard, above: above(shard), below: below(shard) }));
}

/**
 * The cursors of a page's rows, newest first. `bases` has for each shard the cut that holds on the whole page if none of its rows is
 * on it.
 */
export function mergedCursors(
  rows: readonly number[],
  bases: ReadonlyMap<number, number>,
): (row: number) => string {
  const cutAt = (at: number, shard: number, base: number): number => {
    const isOfShard = (row: number): boolean => shardNumberOf(row) === shard;
    const older = rows.slice(at + 1).find(isOfShard);
    if (older !== undefined) return older;
    const newer = rows.slice(0, at).findLast(isOfShard);
    return newer === undefined ? base : newer - 1;
  };
  return (row) => {
    const others = [...bases].filter(([shard]) => shard !== shardNumberOf(row));
    const at = rows.indexOf(row);
    return [row, ...others.map(([shard, base]) => cutAt(at, shard, base))].join(':');
  };
}
