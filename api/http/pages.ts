import { sql } from 'slonik';
import type { Page } from './query.ts';

/**
 * Whether a page is read from its oldest row on. With `before` alone it is the one next to that cursor, and not the newest:
 * whoever asks again with the newest cursor it has must miss nothing.
 */
export function isUpwards({ before, after, ascending }: Page): boolean {
  return ascending ? before !== null || after === null : before !== null && after === null;
}

/** For `order by` of the column that the cursors are of. */
export function directionOf(page: Page) {
  return isUpwards(page) ? sql.fragment`asc` : sql.fragment`desc`;
}

/** The other direction. */
export function oppositeOf(page: Page) {
  return isUpwards(page) ? sql.fragment`desc` : sql.fragment`asc`;
}

/** The rows of a page as they are answered: newest first, unless it is asked for the other way. */
export function arranged<T>(page: Page, rows: readonly T[]): readonly T[] {
  return isUpwards(page) === page.ascending ? rows : rows.toReversed();
}

/**
 * For `order by` of rows that have `created_at`, merged by it: of the shards' next rows the latest comes next. The clocks of apis
 * differ, so that is not the order of `created_at` itself: within a shard rows stay in the order of their sequences.
 */
export function reachedTime(page: Page, sequence: ReturnType<typeof sql.identifier>) {
  return isUpwards(page)
    ? sql.fragment`max(created_at) over (partition by ${sequence} >> 44 order by ${sequence})`
    : sql.fragment`min(created_at) over (partition by ${sequence} >> 44 order by ${sequence} desc)`;
}

/** For `where` of rows that have `created_at`: those that had come by a time, in Unix milliseconds, or all. */
export function cameBy(time: number | null) {
  return time === null
    ? sql.fragment`true`
    : sql.fragment`created_at <= to_timestamp(${time}::float8 / 1000)`;
}
