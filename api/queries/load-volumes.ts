import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

const row = z.object({ productId: z.string(), minute: z.number(), lots: z.number() });

/** Lots traded per minute since a minute; minutes are counted from 1970. */
export function loadVolumes(connection: CommonQueryMethods, shard: string, from: number) {
  return connection.any(sql.type(row)`
    select t.product_id as "productId", floor(extract(epoch from t.created_at) / 60)::bigint as minute,
      sum(t.size)::bigint as lots
    from trades t join products p using (product_id)
    where p.shard = ${shard} and t.created_at >= to_timestamp(${from * 60})
    group by 1, 2`);
}
