import { sql } from 'slonik';
import { z } from 'zod';
import { rejectReasons } from '../../../core/reject-reasons.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { arranged, directionOf } from '../../http/pages.ts';
import type { Page } from '../../http/query.ts';
import type { TransferRecord } from '../record.ts';

const row = z.object({
  sequence: z.number(),
  shard: z.string(),
  transferId: z.string(),
  movement: z.enum(['deposit', 'withdraw', 'transfer']),
  traderId: z.number(),
  toTraderId: z.number().nullable(),
  currency: z.string(),
  amount: z.number(),
  createdAt: z.number(),
  rejectReason: z.enum(rejectReasons).nullable(),
}) satisfies z.ZodType<TransferRecord>;
export type TransferRow = z.output<typeof row>;

const columns = sql.fragment`sequence, shard, transfer_id as "transferId", movement, trader_id as "traderId",
  to_trader_id as "toTraderId", currency, amount, (extract(epoch from created_at) * 1000)::bigint as "createdAt",
  reject_reason as "rejectReason"`;

/** The transfers of these ids that there are, in no order; an id may have one in each shard. */
export async function findTransfers(
  pool: Queries,
  transferIds: readonly string[],
): Promise<readonly TransferRow[]> {
  return pool.any(sql.type(row)`
    select ${columns} from transfers where transfer_id = any(${sql.array([...transferIds], 'text')})`);
}

export const transferTypes = ['deposit', 'withdraw', 'internal_deposit', 'internal_withdraw'] as const;
export type TransferType = (typeof transferTypes)[number];

export type TransferFilter = Page & {
  readonly traderId: number;
  /** Null: of every currency, of every type. */
  readonly currency: string | null;
  readonly type: TransferType | null;
};

/** A trader's transfers, newest first. Those that were refused are shown to whom they were for, and not to a receiver. */
export async function findTransfersOfTrader(
  pool: Queries,
  filter: TransferFilter,
): Promise<readonly TransferRow[]> {
  const { traderId, type, limit } = filter;
  const own = [sql.fragment`trader_id = ${traderId}`];
  if (type !== null) own.push(sql.fragment`movement = ${movementOf[type]}::movement`);
  const received = [sql.fragment`to_trader_id = ${traderId} and reject_reason is null`];
  const branches = [
    ...(type === 'internal_deposit' ? [] : [branch(filter, own)]),
    ...(type === null || type === 'internal_deposit' ? [branch(filter, received)] : []),
  ];
  const transfers = await pool.any(sql.type(row)`
    select * from (${sql.join(branches, sql.fragment` union all `)}) transfers
    order by sequence ${directionOf(filter)} limit ${limit}`);
  return arranged(filter, transfers);
}

const movementOf: Record<TransferType, TransferRow['movement']> = {
  deposit: 'deposit',
  withdraw: 'withdraw',
  internal_deposit: 'transfer',
  internal_withdraw: 'transfer',
};

/** One branch of the union, limited by itself so that it reads no more of its index than a page. */
function branch(filter: TransferFilter, whose: ReturnType<typeof sql.fragment>[]) {
  const { currency, after, before, limit } = filter;
  const conditions = [...whose];
  if (currency !== null) conditions.push(sql.fragment`currency = ${currency}`);
  if (after !== null) conditions.push(sql.fragment`sequence < ${after}`);
  if (before !== null) conditions.push(sql.fragment`sequence > ${before}`);
  return sql.fragment`
    (select ${columns} from transfers where ${sql.join(conditions, sql.fragment` and `)}
    order by sequence ${directionOf(filter)} limit ${limit})`;
}
