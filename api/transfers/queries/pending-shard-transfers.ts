import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';

/** Most that are counted: whoever has so many need not know how many more. */
const mostCounted = 1_000;

const row = z.object({ count: z.number(), ageSeconds: z.number() });

/** How many transfers between shards have not ended, and how old the oldest is; of more than are counted, of those that are tried next. */
export function loadPendingShardTransfers(pool: Queries): Promise<z.infer<typeof row>> {
  return pool.one(sql.type(row)`
    select count(*), coalesce(greatest(extract(epoch from clock_timestamp() - min(created_at)), 0), 0)::float8 as "ageSeconds"
    from (
      select created_at from shard_transfers where status = 'pending' order by next_attempt_at limit ${mostCounted}
    ) counted`);
}
