// What PostgreSQL recorded: the commands as they stood on the stream, what was refused, and the trades, page by page.

import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { firstSequenceOf } from '../../../core/order.ts';
import { placeLine } from '../../../sql/wire.ts';
import { batchAcross, linesBetween } from './batches.ts';

/** Sequences `first` to `last`. */
export type Page = {
  readonly first: number;
  readonly last: number;
  /** A command each, in the text of `core/wire/commands.ts`. */
  readonly lines: readonly string[];
  /** The commands behind the page that complete the batch in whose midst it ends. */
  readonly ahead: readonly string[];
  /** `<sequence> <reason>`, a line each. */
  readonly refusals: string;
  /** See `tradeColumns`, a line each. */
  readonly trades: string;
};

/** A trade is a line of these columns with tabs between, without fees if it has none; trades come in the order of sequence and trade id. */
export const tradeColumns = [
  ...['sequence', 'product_id', 'trade_id', 'maker_order_id', 'taker_order_id'],
  ...['price', 'size', 'maker_trader_id', 'taker_trader_id', 'taker_side', 'maker_fee', 'taker_fee'],
] as const;

/** Sequences of a page: PostgreSQL, Redis and Node each work on one of their own. */
export const usualPageSize = 10_000;
const columns = sql.join(
  tradeColumns.map((column) => sql.identifier([column])),
  sql.fragment`, `,
);

const rangeRow = z.object({ number: z.number(), sequence: z.number() });

export type Range = { readonly first: number; readonly last: number };

/** Sequences next to each other, and the database that has them. */
export type Part = Range & { readonly pool: DatabasePool };

/**
 * The first sequence of the shard, and the last one that PostgreSQL has now, but for a batch that it does not have whole. Throws if it
 * has none.
 */
export async function recordedRange(pool: DatabasePool, shard: string): Promise<Range> {
  const found = await pool.maybeOne(
    sql.type(rangeRow)`select number, sequence from checkpoints where shard = ${shard}`,
  );
  if (!found) throw new Error(`PostgreSQL has no shard ${shard}`);
  const first = firstSequenceOf(found.number);
  if (found.sequence < first) throw new Error(`nothing happened yet in shard ${shard}`);
  const batch = await batchAcross([{ pool, first, last: found.sequence }], found.sequence);
  return { first, last: batch ? batch.head - 1 : found.sequence };
}

/** PostgreSQL lacks part of the sequence, so that there is nothing to replay from there on. */
export class GapInRecordError extends Error {
  constructor(first: number, last: number) {
    super(`PostgreSQL does not have each sequence from ${first} to ${last} once; npm run audit says which`);
    this.name = 'GapInRecordError';
  }
}

const pageRow = z.object({
  isWhole: z.boolean(),
  count: z.number(),
  lines: z.string().nullable(),
  refusals: z.string().nullable(),
  trades: z.string().nullable(),
});

type Paging = Range & { readonly pageSize: number };

/** The parts cut into pages, of which none belongs to two. */
function* cut(parts: readonly Part[], { first, last, pageSize }: Paging): Generator<Part> {
  for (const part of parts) {
    const to = Math.min(part.last, last);
    for (let from = Math.max(part.first, first); from <= to; from += pageSize)
      yield { pool: part.pool, first: from, last: Math.min(from + pageSize - 1, to) };
  }
}

export async function* recordedPages(parts: readonly Part[], paging: Paging): AsyncGenerator<Page> {
  for (const part of cut(parts, paging)) {
    const page = await recordedPage(part);
    const batch = await batchAcross(parts, page.last);
    yield { ...page, ahead: batch ? await linesBetween(parts, page.last + 1, batch.last) : [] };
  }
}

/**
 * PostgreSQL puts the page together, because a row each would take Node longer than the matching takes Redis. Its rows come
 * sorted, since an order of its own in each aggregate would sort them three times.
 */
async function recordedPage({ pool, first, last }: Part): Promise<Omit<Page, 'ahead'>> {
  const page = await pool.one(sql.type(pageRow)`
    with page as (
      select id as sequence, reject_reason, ${placeLine} as line
      from orders where id between ${first} and ${last}
      union all
      select sequence, reject_reason, line from commands where sequence between ${first} and ${last}
    ), numbered as (select *, row_number() over (order by sequence) as number from page order by sequence)
    select count(*), coalesce(bool_and(sequence = ${first}::bigint + number - 1), false) as "isWhole",
      string_agg(line, E'\n') as lines, string_agg(sequence || ' ' || reject_reason, E'\n') as refusals,
      (${tradesBetween({ first, last })}) as trades
    from numbered`);
  if (!page.isWhole || page.count !== last - first + 1) throw new GapInRecordError(first, last);
  return {
    first,
    last,
    lines: page.lines!.split('\n'),
    refusals: page.refusals ?? '',
    trades: page.trades ?? '',
  };
}

const tradesBetween = ({ first, last }: Range) => sql.fragment`
  select string_agg(concat_ws(E'\t', ${columns}), E'\n' order by sequence, trade_id) from trades
  where sequence between ${first} and ${last}`;

const tradesRow = z.object({ trades: z.string().nullable() });

/** The text of the trades alone, for sequences that were compared before. */
export async function* recordedTrades(parts: readonly Part[], paging: Paging): AsyncGenerator<string> {
  for (const part of cut(parts, paging)) {
    const { trades } = await part.pool.one(sql.type(tradesRow)`select (${tradesBetween(part)}) as trades`);
    yield trades ?? '';
  }
}
