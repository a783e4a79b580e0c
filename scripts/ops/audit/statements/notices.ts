// Did what webhooks are still to be told happen?

import { sql } from 'slonik';
import { z } from 'zod';
import type { Checks } from '../checks.ts';
import { findDifferences, type Range, type Session } from '../session.ts';

/** A notice of a trade has its product, number, price and size, and is for one of the two whose trade it is. */
export async function checkNotices(session: Session, { from, to }: Range, checks: Checks): Promise<void> {
  const { count } = await session.connection.one(sql.type(z.object({ count: z.number() }))`
    select count(*) from notices where shard = ${session.shard} and event = 'trade' and sequence between ${from} and ${to}`);
  checks.notices.looked += count;
  if (count === 0) return;
  await findDifferences(
    session,
    checks.notices,
    sql.fragment`
    select format('notice %s tells trader %s of trade %s of %s in %s, which is not theirs', n.notice_id, n.trader_id,
      n.data->>'trade_id', n.data->>'product_id', n.sequence)
    from notices n
    where n.shard = ${session.shard} and n.event = 'trade' and n.sequence between ${from} and ${to} and not exists (
      select from trades t where t.sequence = n.sequence and t.product_id = n.data->>'product_id'
        and t.trade_id = (n.data->>'trade_id')::bigint and t.price = (n.data->>'price')::bigint
        and t.size = (n.data->>'size')::bigint and n.trader_id in (t.maker_trader_id, t.taker_trader_id))
    order by n.notice_id`,
  );
}
