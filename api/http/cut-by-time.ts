import { shardMark } from '../../core/order.ts';
import type { Cursor } from './merged-cursors.ts';
import type { Places } from './merged-list.ts';

/** What is known of the rows of a list whose places are sequences. */
type Times = {
  /** When the row of a sequence came, in Unix milliseconds; null if it is not there. */
  readonly timeOf: (sequence: number) => Promise<number | null>;
  /** In each of these shards the latest sequence of a row that had come by then; those without one are left out. */
  readonly latestBy: (shards: readonly number[], time: number) => Promise<Places>;
};

/**
 * A cursor that says something of every shard, of one that does not. A sequence alone is one, too: other shards are cut at the time
 * of its row, and if that is not there, below or above all of their rows.
 */
export function cutByTime({ timeOf, latestBy }: Times) {
  return async (cursor: Cursor, missing: readonly number[]): Promise<Cursor> => {
    const { row, cuts } = cursor;
    const time = await timeOf(row);
    const latest =
      time === null
        ? new Map(missing.map((shard) => [shard, Math.min(row, shardMark(shard + 1) - 1)]))
        : await latestBy(missing, time);
    const added = missing.map(
      (shard) => [shard, Math.max(latest.get(shard) ?? 0, shardMark(shard))] as const,
    );
    return { row, cuts: new Map([...cuts, ...added]) };
  };
}
