import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { firstSequenceOf, shardNumberOf } from '../core/order.ts';

const end = z.object({ below: z.number().nullable() });

/**
 * Keeps partitions of `size` sequences ahead of what is written; the answer says up to where they reach. A new one is
 * added when the last is half full, long before it is needed.
 */
export async function ensurePartitions(
  connection: CommonQueryMethods,
  sequence: number,
  size: number,
): Promise<number> {
  const shard = shardNumberOf(sequence);
  const [from, before] = [firstSequenceOf(shard), firstSequenceOf(shard + 1)];
  let { below } = await connection.one(sql.type(end)`
    select max(below_sequence) as below from partitions where from_sequence >= ${from} and from_sequence < ${before}`);
  below ??= from;
  while (below < sequence + size / 2) {
    await connection.query(sql.unsafe`select add_partition(${below}, ${below + size})`);
    below += size;
  }
  return below;
}
