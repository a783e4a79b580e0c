import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';

const row = z.object({ number: z.number() });

/**
 * Gives a new shard its row and its number, which says where its sequences begin. Null if there is one of that name already; what
 * PostgreSQL says if the name cannot be used, or no number is left.
 */
export function addShard(pool: DatabasePool, name: string): Promise<number | null> {
  return pool.transaction(async (transaction) => {
    // Two at once would take the same number.
    await transaction.query(sql.unsafe`lock table checkpoints in share row exclusive mode`);
    const added = await transaction.maybeOne(sql.type(row)`
      insert into checkpoints (shard, number, sequence)
      select ${name}, next.number, next.number * 17592186044416
      from (select coalesce(max(number) + 1, 0) as number from checkpoints) next
      where not exists (select from checkpoints where shard = ${name})
      returning number`);
    return added?.number ?? null;
  });
}
