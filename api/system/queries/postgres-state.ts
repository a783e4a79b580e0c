import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';

const row = z.object({
  sizeBytes: z.number(),
  active: z.number(),
  idle: z.number(),
  idleInTransaction: z.number(),
  oldestTransactionSeconds: z.number(),
  commits: z.number(),
  rollbacks: z.number(),
});

export type PostgresState = z.infer<typeof row>;

/** What PostgreSQL says of this database: a millisecond or two, which its statistics views take. */
export function loadPostgresState(pool: Queries): Promise<PostgresState> {
  return pool.one(sql.type(row)`
    select
      pg_database_size(current_database()) as "sizeBytes",
      count(*) filter (where state = 'active') as "active",
      count(*) filter (where state = 'idle') as "idle",
      count(*) filter (where state like 'idle in transaction%') as "idleInTransaction",
      coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8 as "oldestTransactionSeconds",
      max(xact_commit) as "commits",
      max(xact_rollback) as "rollbacks"
    from pg_stat_database d left join pg_stat_activity a on a.datid = d.datid
    where d.datname = current_database()`);
}
