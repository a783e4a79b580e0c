// Did what moves between shards leave one and come into the other, once?

import { sql } from 'slonik';
import { z } from 'zod';
import { type Checks, differs } from '../checks.ts';
import { findDifferences, type Session } from '../session.ts';

/**
 * What left this shard for another. The rows of both shards are as they stood at one moment, and an end is noted after them: so what is not
 * done has at most left, and money is what the accounts have and what has left and not come.
 */
export async function checkShardTransfers(session: Session, checks: Checks): Promise<void> {
  const { connection, shard } = session;
  const check = checks['between shards'];
  const { count } = await connection.one(sql.type(z.object({ count: z.number() }))`
    select count(*) from shard_transfers where from_shard = ${shard}`);
  check.looked += count;
  await findDifferences(
    session,
    check,
    sql.fragment`
    select format('transfer %s from %s to %s is %s, and %s, %s, and was given back %s times', s.transfer_id, from_shard, to_shard,
      status, case when has_left then 'has left' else 'has not left' end,
      case when has_come then 'has come' else 'has not come' end, refunds)
    from shard_transfers s cross join lateral (
      select
        exists (select from transfers t where t.transfer_id = s.transfer_id and shard = from_shard and movement = 'withdraw'
          and t.trader_id = s.trader_id and t.currency = s.currency and t.amount = s.amount
          and t.reject_reason is null) as has_left,
        exists (select from transfers t where t.transfer_id = s.transfer_id and shard = to_shard and movement = 'deposit'
          and t.trader_id = s.to_trader_id and t.currency = s.currency and t.amount = s.amount
          and t.reject_reason is null) as has_come,
        (select count(*) from generate_series(1, refused_refunds + 1) attempt join transfers t
          on t.transfer_id = concat('refund:', attempt, ':', s.transfer_id) and shard = from_shard
          and t.trader_id = s.trader_id and t.currency = s.currency and t.amount = s.amount
          and t.reject_reason is null) as refunds
    ) halves
    where from_shard = ${shard} and not case status
      when 'done' then has_left and has_come and refunds = 0
      when 'refused' then not has_left and not has_come and refunds = 0
      when 'returned' then has_left and not has_come and refunds = 1
      else has_left >= has_come and (refunds = 0 or refunds = 1 and has_left and not has_come) end
    order by s.transfer_id`,
  );
  const strays = await connection.any(sql.type(z.object({ transferId: z.string() }))`
    select transfer_id as "transferId" from transfers t
    where shard = ${shard} and transfer_id like 'refund:%' and not exists (
      select from shard_transfers s where s.transfer_id = split_part(t.transfer_id, ':', 3) and from_shard = ${shard})
    order by 1`);
  for (const { transferId } of strays) differs(check, `${transferId} gives back what no transfer took`);
}
