import { sql } from 'slonik';
import type { Statement } from '../../sql/copy.ts';
import { lockNotices } from '../../sql/notices-lock.ts';
import type { Notice } from '../notices.ts';
import { column, texts } from './columns.ts';

/**
 * Last in its transaction, since it waits for the writers of other shards that do the same: numbers must be seen in their
 * order, or a cursor passes over one that is committed later.
 */
export function insertNotices(shard: string, notices: readonly Notice[]): Statement {
  const query = sql.unsafe`
    insert into notices (trader_id, event, shard, sequence, occurred_at, data)
    select coalesce(n.trader_id, o.trader_id), n.event, ${shard}, n.sequence, to_timestamp(n.time / 1000.0), n.data
    from unnest(
      ${column(notices.map(({ traderId }) => traderId))}::integer[],
      ${texts(notices.map(({ event }) => event))}::text[],
      ${column(notices.map(({ sequence }) => sequence))}::bigint[],
      ${column(notices.map(({ time }) => time))}::bigint[],
      ${texts(notices.map(({ data }) => JSON.stringify(data)))}::jsonb[])
      with ordinality as n (trader_id, event, sequence, time, data, place)
    left join orders o on n.trader_id is null and o.id = (n.data->>'order_id')::bigint
    where n.trader_id is not null
      or exists (select from webhooks w where w.trader_id = o.trader_id and w.disabled_at is null)
    order by n.place`;
  return async (transaction) => {
    await lockNotices(transaction);
    await transaction.query(query);
  };
}
