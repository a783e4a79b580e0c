import { sql } from 'slonik';
import { z } from 'zod';
import { rejectReasons } from '../../../core/reject-reasons.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { type AskedShardTransfer, type ShardTransfer, transferStatuses } from '../between/record.ts';

const row = z.object({
  transferId: z.string(),
  fromShard: z.string(),
  toShard: z.string(),
  traderId: z.number(),
  toTraderId: z.number(),
  currency: z.string(),
  amount: z.number(),
  createdAt: z.number(),
  requestId: z.string(),
  status: z.enum(transferStatuses),
  rejectReason: z.enum(rejectReasons).nullable(),
  refusedRefunds: z.number(),
  finishedAt: z.number().nullable(),
}) satisfies z.ZodType<ShardTransfer>;

const columns = sql.fragment`transfer_id as "transferId", from_shard as "fromShard", to_shard as "toShard",
  trader_id as "traderId", to_trader_id as "toTraderId", currency, amount,
  (extract(epoch from created_at) * 1000)::bigint as "createdAt", request_id as "requestId", status,
  reject_reason as "rejectReason", refused_refunds as "refusedRefunds",
  (extract(epoch from finished_at) * 1000)::bigint as "finishedAt"`;

export async function findShardTransfer(pool: Queries, transferId: string): Promise<ShardTransfer | null> {
  return pool.maybeOne(
    sql.type(row)`select ${columns} from shard_transfers where transfer_id = ${transferId}`,
  );
}

/** How long nobody else tries what one process is at. A second one would do no harm. */
const claim = sql.fragment`now() + interval '5 s'`;

/** Notes what is to be moved, unless something with its id is noted. Claimed by who notes it. */
export async function insertShardTransfer(pool: Queries, asked: AskedShardTransfer): Promise<void> {
  const { transferId, fromShard, toShard, traderId, toTraderId, currency, amount, createdAt, requestId } =
    asked;
  await pool.query(sql.unsafe`
    insert into shard_transfers (transfer_id, from_shard, to_shard, trader_id, to_trader_id, currency, amount, created_at,
      request_id, next_attempt_at)
    values (${transferId}, ${fromShard}, ${toShard}, ${traderId}, ${toTraderId}, ${currency}, ${amount},
      to_timestamp(${createdAt}::float8 / 1000), ${requestId}, ${claim})
    on conflict (transfer_id) do nothing`);
}

/** What nobody is at, the longest waiting first, claimed. */
export async function claimShardTransfers(pool: Queries, limit: number): Promise<readonly ShardTransfer[]> {
  return pool.any(sql.type(row)`
    update shard_transfers set next_attempt_at = ${claim}
    where transfer_id in (
      select transfer_id from shard_transfers where status = 'pending' and next_attempt_at < now()
      order by next_attempt_at limit ${limit} for update skip locked)
    returning ${columns}`);
}

/** Notes how it ended. Whoever comes to the end comes to the same one, so that the first says it. */
export async function endShardTransfer(
  pool: Queries,
  transferId: string,
  { status, rejectReason }: Pick<ShardTransfer, 'status' | 'rejectReason'>,
): Promise<void> {
  await pool.query(sql.unsafe`
    update shard_transfers set status = ${status}::transfer_status, reject_reason = ${rejectReason}::reject_reason,
      finished_at = now()
    where transfer_id = ${transferId} and status = 'pending'`);
}

/** The next attempt to give it back has another id, and comes when the shard may have room again. */
export async function noteRefusedRefund(
  pool: Queries,
  { transferId, refusedRefunds }: ShardTransfer,
): Promise<void> {
  await pool.query(sql.unsafe`
    update shard_transfers set refused_refunds = ${refusedRefunds + 1}, next_attempt_at = now() + interval '1 minute'
    where transfer_id = ${transferId} and refused_refunds = ${refusedRefunds}`);
}
