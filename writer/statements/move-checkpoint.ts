import { sql } from 'slonik';
import type { Statement } from '../../sql/copy.ts';
import { CheckpointMovedError } from '../errors.ts';

/** Moves the checkpoint in the transaction that writes the rows, which is why every report is written exactly once. */
export function moveCheckpoint(shard: string, { from, to }: { from: number; to: number }): Statement {
  const query = sql.unsafe`update checkpoints set sequence = ${to} where shard = ${shard} and sequence = ${from}`;
  return async (transaction) => {
    const { rowCount } = await transaction.query(query);
    if (rowCount !== 1) throw new CheckpointMovedError(shard, from);
  };
}
