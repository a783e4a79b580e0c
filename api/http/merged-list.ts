import { type Cursor, mergedCursors, missingIn, type Span, spansOf } from './merged-cursors.ts';
import { isUpwards } from './pages.ts';
import type { MergedPage, Page } from './query.ts';

/** By shard a place in it. */
export type Places = ReadonlyMap<number, number>;

/**
 * How a list is read whose rows are in several shards. A row's place is its sequence, or another number that ascends in its shard
 * and says which that is.
 */
export type MergedList<Row> = {
  readonly placeOf: (row: Row) => number;
  /** A page as it is answered; with spans, of what these may show of each shard. */
  readonly read: (page: Page, spans?: readonly Span[]) => Promise<readonly Row[]>;
  /** The latest place in each of these shards; those without one are left out. It may be that of a row that the list leaves out. */
  readonly latest: (shards: readonly number[]) => Promise<Places>;
  /** What a cursor comes to that says something of these shards as well. */
  readonly completed: (cursor: Cursor, missing: readonly number[]) => Promise<Cursor>;
};

export type ReadPage<Row> = {
  readonly rows: readonly Row[];
  readonly cursorOf: (row: Row) => number | string;
};

/** A page of a list that is in these shards. One of several is merged by time. */
export async function readMerged<Row>(
  list: MergedList<Row>,
  { cursors, ...page }: MergedPage,
  shards: readonly number[],
): Promise<ReadPage<Row>> {
  if (shards.length > 1) return mergedPage(list, { cursors, ...page }, shards);
  const rows = await list.read({ ...page, ...within(shards[0]!, cursors) });
  return { rows, cursorOf: list.placeOf };
}

/** The cursor of a list of several shards leads into a list of one of them, too. */
function within(shard: number, { after, before }: MergedPage['cursors']): Pick<Page, 'after' | 'before'> {
  const [cut, floor] = [after?.cuts.get(shard), before?.cuts.get(shard)];
  return {
    after: cut === undefined ? (after?.row ?? null) : cut + 1,
    before: floor ?? before?.row ?? null,
  };
}

async function mergedPage<Row>(
  list: MergedList<Row>,
  { cursors, ...page }: MergedPage,
  shards: readonly number[],
): Promise<ReadPage<Row>> {
  const [after, before] = await Promise.all(
    [cursors.after, cursors.before].map((cursor) => completed(list, cursor, shards)),
  );
  const spans = spansOf(shards, { after: after!, before: before! });
  // Before the page is read: what comes meanwhile is then above the cut, or on the page.
  const latest: Places = isUpwards(page) || after ? new Map() : await list.latest(shards);
  const rows = await list.read(page, spans);
  const places = rows.map(list.placeOf);
  const baseOf = ({ shard, above, below }: Span): number => {
    if (isUpwards(page)) return above;
    return after ? below - 1 : Math.max(latest.get(shard) ?? 0, above);
  };
  const bases = new Map(spans.map((span) => [span.shard, baseOf(span)]));
  const textOf = mergedCursors(page.ascending ? places.toReversed() : places, bases);
  return { rows, cursorOf: (row) => textOf(list.placeOf(row)) };
}

async function completed<Row>(
  list: MergedList<Row>,
  cursor: Cursor | null,
  shards: readonly number[],
): Promise<Cursor | null> {
  const missing = cursor ? missingIn(cursor, shards) : [];
  return cursor && missing.length > 0 ? list.completed(cursor, missing) : cursor;
}
