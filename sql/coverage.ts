import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { firstSequenceOf } from '../core/order.ts';

const row = z.object({ number: z.number(), below: z.number().nullable(), newest: z.number().nullable() });

/**
 * From which sequence on PostgreSQL's tables hold everything of a shard, and how young what they lack may be, in Unix
 * milliseconds; null if they lack nothing. Of what is older they hold the partitions that have open orders.
 */
export async function loadCoverage(
  connection: Pick<CommonQueryMethods, 'one'>,
  shard: string,
): Promise<{ fromSequence: number; newestMissing: number | null }> {
  const { number, below, newest } = await connection.one(sql.type(row)`
    select c.number, max(a.below_sequence) as below, (extract(epoch from max(a.newest)) * 1000)::bigint as newest
    from checkpoints c
    left join archives a on a.from_sequence > c.number * 17592186044416
      and a.from_sequence <= (c.number + 1) * 17592186044416
    where c.shard = ${shard} group by c.number`);
  return { fromSequence: below ?? firstSequenceOf(number), newestMissing: newest };
}
