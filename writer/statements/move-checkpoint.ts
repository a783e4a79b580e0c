import { type CommonQueryMethods, sql } from 'slonik';
import { CheckpointMovedError } from '../errors.ts';

/** Moves the checkpoint in the transaction that writes the rows, which is why every report is written exactly once. */
export async function moveCheckpoint(
  transaction: CommonQueryMethods,
  shard: string,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const { rowCount } = await transaction.query(
    sql.unsafe`update checkpoints set sequence = ${to} where shard = ${shard} and sequence = ${from}`,
  );
  if (rowCount !== 1) throw new CheckpointMovedError(shard, from);
}
