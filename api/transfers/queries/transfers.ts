import { sql } from 'slonik';
import { z } from 'zod';
import { rejectReasons } from '../../../core/reject-reasons.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import type { Span } from '../../http/merged-cursors.ts';
import { arranged, cameBy, directionOf, reachedTime } from '../../http/pages.ts';
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
  /** Of several shards, what may be shown of each. `after` and `before` then say only which way to read. */
  readonly spans?: readonly Span[];
};

/** A trader's transfers, newest first. Those that were refused are shown to whom they were for, and not to a receiver. */
export async function findTransfersOfTrader(
  pool: Queries,
  filter: TransferFilter,
): Promise<readonly TransferRow[]> {
  const { spans, limit } = filter;
  const direction = directionOf(filter);
  const parts = spans
    ? spans.flatMap(({ above, below }) => partsOf({ ...filter, before: above, after: below }, direction))
    : partsOf(filter, direction);
  const transfers = await pool.any(sql.type(row)`
    select ${columns} from (
      select *, ${reachedTime(filter, sql.identifier(['sequence']))} as reached
      from (${sql.join(parts, sql.fragment` union all `)}) transfers
    ) transfers
    order by reached ${direction}, sequence ${direction} limit ${limit}`);
  return arranged(filter, transfers);
}

/** What is read of one shard, or of the only one. */
function partsOf(filter: TransferFilter, direction: ReturnType<typeof directionOf>) {
  const { traderId, type } = filter;
  const read = (whose: Conditions) => branch(filter, whose, direction);
  const own = [sql.fragment`trader_id = ${traderId}`];
  if (type !== null) own.push(sql.fragment`movement = ${movementOf[type]}::movement`);
  const received = [sql.fragment`to_trader_id = ${traderId} and reject_reason is null`];
  return [
    ...(type === 'internal_deposit' ? [] : [read(own)]),
    ...(type === null || type === 'internal_deposit' ? [read(received)] : []),
  ];
}

type Conditions = readonly ReturnType<typeof sql.fragment>[];

const movementOf: Record<TransferType, TransferRow['movement']> = {
  deposit: 'deposit',
  withdraw: 'withdraw',
  internal_deposit: 'transfer',
  internal_withdraw: 'transfer',
};

/** One branch of the union, limited by itself so that it reads no more of its index than a page. */
function branch(filter: TransferFilter, whose: Conditions, direction: ReturnType<typeof directionOf>) {
  const { currency, after, before, limit } = filter;
  const conditions = [...whose];
  if (currency !== null) conditions.push(sql.fragment`currency = ${currency}`);
  if (after !== null) conditions.push(sql.fragment`sequence < ${after}`);
  if (before !== null) conditions.push(sql.fragment`sequence > ${before}`);
  return sql.fragment`
    (select * from transfers where ${sql.join(conditions, sql.fragment` and `)}
    order by sequence ${direction} limit ${limit})`;
}

const latestRow = z.object({ number: z.number(), sequence: z.number() });

/** In each of some shards the latest transfer of a trader by a time; shards without one are left out. */
export async function findLatestTransfers(
  pool: Queries,
  asked: { readonly traderId: number; readonly shards: readonly number[]; readonly by: number | null },
): Promise<ReadonlyMap<number, number>> {
  const { traderId, shards, by } = asked;
  const latestBy = (column: 'trader_id' | 'to_trader_id') => sql.fragment`
    (select sequence from transfers
    where ${sql.identifier([column])} = ${traderId} and sequence > number << 44 and sequence < (number + 1) << 44
      and ${cameBy(by)}
    order by sequence desc limit 1)`;
  const found = await pool.any(sql.type(latestRow)`
    select number, sequence from unnest(${sql.array([...shards], 'int8')}) number, lateral (
      ${latestBy('trader_id')} union all ${latestBy('to_trader_id')} order by sequence desc limit 1) latest`);
  return new Map(found.map(({ number, sequence }) => [number, sequence]));
}

/** When the command came that is a trader's transfer, in Unix milliseconds; null if there is none with this sequence. */
export async function findTransferTime(
  pool: Queries,
  traderId: number,
  sequence: number,
): Promise<number | null> {
  const found = await pool.maybeOne(sql.type(z.object({ createdAt: z.number() }))`
    select (extract(epoch from created_at) * 1000)::bigint as "createdAt" from transfers
    where sequence = ${sequence} and (trader_id = ${traderId} or to_trader_id = ${traderId})`);
  return found?.createdAt ?? null;
}
