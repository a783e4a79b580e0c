import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

/** Up to where notices were looked at; null at their end. */
const sweptRow = z.object({ last: z.number().nullable() });

/**
 * Looks at so many notices after one, and removes those that every webhook which wants them is past, or was disabled for a month.
 * What is kept for one that fails is passed over a part at a time.
 */
export async function sweepNotices(
  pool: CommonQueryMethods,
  after: number,
  most = 10_000,
): Promise<number | null> {
  const { last } = await pool.one(sql.type(sweptRow)`
    with looked as materialized (
      select notice_id, trader_id, event from notices where notice_id > ${after} order by notice_id limit ${most}),
    swept as (
      delete from notices where notice_id in (
        select notice_id from looked n
        where not exists (select from webhooks w where w.trader_id = n.trader_id and w.cursor < n.notice_id
          and n.event = any(w.events) and (disabled_at is null or disabled_at > now() - interval '30 days'))))
    select case when count(*) = ${most} then max(notice_id) end as last from looked`);
  return last;
}
