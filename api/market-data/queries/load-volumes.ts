import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { firstSequenceOf, shardNumberOf } from '../../../core/order.ts';

const row = z.object({ productId: z.string(), minute: z.number(), lots: z.number() });
export type MinuteVolume = z.output<typeof row>;

/** Sequences of a page, which takes a fraction of what a statement may. */
const usualPageSize = 250_000;

export type Window = {
  readonly shard: string;
  /** The last sequence of the shard. */
  readonly through: number;
  /** In minutes since 1970. */
  readonly from: number;
};

/**
 * Lots traded per minute since a minute; a minute may come in several parts. Read in pages, from the last sequence back to
 * the first page all of whose trades are older.
 */
export async function* loadVolumes(
  connection: CommonQueryMethods,
  { shard, through, from }: Window,
  pageSize = usualPageSize,
): AsyncGenerator<MinuteVolume> {
  const first = firstSequenceOf(shardNumberOf(through));
  for (let to = through; to >= first; to -= pageSize) {
    const page = await connection.any(sql.type(row)`
      select t.product_id as "productId", floor(extract(epoch from t.created_at) / 60)::bigint as minute,
        sum(t.size)::bigint as lots
      from trades t join products p using (product_id)
      where p.shard = ${shard} and t.sequence > ${to - pageSize} and t.sequence <= ${to}
      group by 1, 2`);
    const young = page.filter(({ minute }) => minute >= from);
    yield* young;
    if (page.length > 0 && young.length === 0) return;
  }
}
