import { sql } from 'slonik';
import { z } from 'zod';
import { shardMark, shardNumberOf } from '../../../core/order.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import type { Span } from '../../http/merged-cursors.ts';
import { arranged, directionOf, reachedTime } from '../../http/pages.ts';
import type { Page, Period } from '../../http/query.ts';

const whole = z.number();
const row = z.object({
  id: whole,
  /** The id above the mark of the entry's shard. */
  place: whole,
  amount: whole,
  balance: whole,
  createdAt: whole,
  movement: z.enum(['match', 'fee', 'deposit', 'withdraw', 'transfer']),
  /** Of a match and its fees. */
  tradeId: whole.nullable(),
  orderId: whole.nullable(),
  productId: z.string().nullable(),
  /** Of a transfer, with the traders of its row there. */
  transferId: z.string().nullable(),
  traderId: whole.nullable(),
  toTraderId: whole.nullable(),
});
export type Posting = z.output<typeof row>;

type Account = { readonly traderId: number; readonly currency: string };
export type LedgerFilter = Page &
  Period &
  Account & {
    /** Of several shards, what may be shown of each. `after` and `before` then say only which way to read. */
    readonly spans?: readonly Span[];
  };

/** An entry's id, which no two shards give. */
export function entryIdAt(place: number): number {
  return place - shardMark(shardNumberOf(place));
}

/** The movements of an account, newest first. */
export async function findLedger(pool: Queries, filter: LedgerFilter): Promise<readonly Posting[]> {
  const { spans, limit } = filter;
  const direction = directionOf(filter);
  const parts = (spans ?? [null]).map((span) => partOf(filter, span));
  const reached = reachedTime(filter, sql.identifier(['place']));
  const entries = await pool.any(sql.type(row)`
    select l.id, place, l.amount, l.balance, (extract(epoch from l.created_at) * 1000)::bigint as "createdAt", l.movement,
      l.trade_id as "tradeId", l.order_id as "orderId", l.product_id as "productId", l.transfer_id as "transferId",
      t.trader_id as "traderId", t.to_trader_id as "toTraderId"
    from (
      select *, ${reached} as reached from (${sql.join(parts, sql.fragment` union all `)}) entries
      order by reached ${direction}, place ${direction} limit ${limit}
    ) l left join transfers t on t.transfer_id = l.transfer_id and t.sequence = l.sequence
    order by reached ${direction}, place ${direction}`);
  return arranged(filter, entries);
}

/** What is read of one shard, or of the only one. */
function partOf(filter: LedgerFilter, span: Span | null) {
  const { traderId, currency, start, end, limit } = filter;
  const conditions = [sql.fragment`trader_id = ${traderId} and currency = ${currency}`];
  if (span) conditions.push(isOf(sql.fragment`${span.shard}::bigint`));
  const { above, below } = idsOf(filter, span);
  if (below !== null) conditions.push(sql.fragment`id < ${below}`);
  if (above !== null) conditions.push(sql.fragment`id > ${above}`);
  if (start !== null) conditions.push(sql.fragment`created_at >= ${start}`);
  if (end !== null) conditions.push(sql.fragment`created_at < ${end}`);
  return sql.fragment`
    (select *, (sequence >> 44 << 44) + id as place from ledger where ${sql.join(conditions, sql.fragment` and `)}
    order by id ${directionOf(filter)} limit ${limit})`;
}

/** Partitions are ranges of sequences, so that this spares those of other shards. */
function isOf(shard: ReturnType<typeof sql.fragment>) {
  return sql.fragment`sequence > ${shard} << 44 and sequence < (${shard} + 1) << 44`;
}

function idsOf({ after, before }: Page, span: Span | null) {
  if (span) return { above: span.above - shardMark(span.shard), below: span.below - shardMark(span.shard) };
  return {
    above: before === null ? null : entryIdAt(before),
    below: after === null ? null : entryIdAt(after),
  };
}

const latestRow = z.object({ shard: whole, place: whole });

/** In each of some shards the place of an account's latest entry; shards without one are left out. */
export async function findLatestEntries(
  pool: Queries,
  { traderId, currency }: Account,
  shards: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const found = await pool.any(sql.type(latestRow)`
    select shard, (shard << 44) + id as place from unnest(${sql.array([...shards], 'int8')}) shard, lateral (
      select id from ledger
      where trader_id = ${traderId} and currency = ${currency} and ${isOf(sql.fragment`shard`)}
      order by id desc limit 1) latest`);
  return new Map(found.map(({ shard, place }) => [shard, place]));
}

/** The number of the shard that has an entry of an account; null if there is none with this id. */
export async function findShardOfEntry(
  pool: Queries,
  { traderId, currency }: Account,
  id: number,
): Promise<number | null> {
  const found = await pool.maybeOne(sql.type(z.object({ shard: whole }))`
    select sequence >> 44 as shard from ledger
    where trader_id = ${traderId} and currency = ${currency} and id = ${id}`);
  return found?.shard ?? null;
}
