import { type CommonQueryMethods, sql } from 'slonik';

/** Removes notices that every webhook which wants them is past, or was disabled for a month, a bounded number at a time. */
export async function sweepNotices(pool: CommonQueryMethods, most = 10_000): Promise<number> {
  const { rowCount } = await pool.query(sql.unsafe`
    delete from notices where notice_id in (
      select notice_id from notices n
      where not exists (select from webhooks w where w.trader_id = n.trader_id and w.cursor < n.notice_id
        and n.event = any(w.events) and (disabled_at is null or disabled_at > now() - interval '30 days'))
      order by notice_id limit ${most})`);
  return rowCount;
}
