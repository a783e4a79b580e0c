import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

const lagRow = z.object({ ms: z.number() });

/**
 * The age in milliseconds of the oldest notice that a webhook was not told, of those that do not fail, or that no notifier has looked at; 0 if
 * there is none. As the look for work, it asks only for webhooks that are marked, and by `noted` whether marks are made.
 */
export async function oldestUntold(pool: CommonQueryMethods, noted: number): Promise<number> {
  return pool.oneFirst(sql.type(lagRow)`
    with untold as (
      select min(next.occurred_at) as since
      from webhooks w cross join lateral (
        select occurred_at from notices n
        where n.trader_id = w.trader_id and n.notice_id > w.cursor and n.event = any(w.events)
        order by notice_id limit 1) next
      where w.may_lag and w.disabled_at is null and w.failing_since is null
      union all
      (select occurred_at from notices where notice_id > ${noted} order by notice_id limit 1))
    select (coalesce(extract(epoch from now() - min(since)), 0) * 1000)::bigint as ms from untold`);
}
