import { sql } from 'slonik';
import type { Statement } from '../../sql/copy.ts';
import type { Feed } from '../batch.ts';
import { column, texts } from './columns.ts';

export function upsertFeeds(feeds: ReadonlyMap<string, Feed>): Statement {
  const values = [...feeds.values()];
  const query = sql.unsafe`
    insert into feeds as f (product_id, trade_id, feed_sequence)
    select * from unnest(
      ${texts([...feeds.keys()])}::text[],
      ${column(values.map(({ tradeId }) => tradeId))}::bigint[],
      ${column(values.map(({ feedSequence }) => feedSequence))}::bigint[])
    on conflict (product_id) do update set
      trade_id = greatest(f.trade_id, excluded.trade_id),
      feed_sequence = excluded.feed_sequence`;
  return (transaction) => transaction.query(query);
}
