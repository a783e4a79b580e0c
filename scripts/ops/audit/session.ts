// One look at PostgreSQL: every query of an audit sees the rows as they stood at one checkpoint, while trading goes on.

import { type CommonQueryMethods, type DatabasePool, type QuerySqlToken, sql } from 'slonik';
import { z } from 'zod';
import { firstSequenceOf } from '../../../core/order.ts';
import { loadCoverage } from '../../../sql/coverage.ts';
import { type Check, differs } from './checks.ts';

/** The shard's rows in the order of their sequences. */
export type Session = {
  readonly connection: CommonQueryMethods;
  readonly shard: string;
  /** From here on PostgreSQL has everything. What led there is given, unless the record is whole. */
  readonly first: number;
  /** Nothing of it is in archives. */
  readonly isWhole: boolean;
  readonly checkpoint: number;
  /** All sequences of the shard are from `origin` on and below `below`. */
  readonly origin: number;
  readonly below: number;
  /** Parts of the sequence that share a partition each, so that no query has to sort more than one. */
  readonly ranges: readonly Range[];
};

/** Sequences next to each other. */
export type Range = { readonly from: number; readonly to: number };

type Fragment = ReturnType<typeof sql.fragment>;

const checkpointRow = z.object({ number: z.number(), sequence: z.number() });
const rangeRow = z.object({ from: z.number(), to: z.number() });

/**
 * The lock comes before the first look at any row, so that no partition leaves that the rows of `archives` do not tell of.
 * The session sorts in as much memory as a sort of some ten million rows needs to stay quick; the rest goes to disk.
 */
const settings = [
  sql.unsafe`begin isolation level repeatable read read only`,
  sql.unsafe`lock table only orders, only trades, only commands, only ledger in access share mode`,
  sql.unsafe`set local work_mem = '256MB'`,
  sql.unsafe`set local jit = off`,
  sql.unsafe`set local statement_timeout = 0`,
];

/** Throws if the database does not know the shard. */
export async function withSession<T>(
  pool: DatabasePool,
  shard: string,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  return pool.connect(async (connection) => {
    for (const setting of settings) await connection.query(setting);
    try {
      return await use(await openSession(connection, shard));
    } finally {
      await connection.query(sql.unsafe`rollback`);
    }
  });
}

async function openSession(connection: CommonQueryMethods, shard: string): Promise<Session> {
  const found = await connection.maybeOne(
    sql.type(checkpointRow)`select number, sequence from checkpoints where shard = ${shard}`,
  );
  if (!found) throw new Error(`PostgreSQL has no shard ${shard}`);
  const { number, sequence: checkpoint } = found;
  const { fromSequence: first } = await loadCoverage(connection, shard);
  const [origin, below] = [firstSequenceOf(number), firstSequenceOf(number + 1)];
  const ranges = await connection.any(sql.type(rangeRow)`
    select from_sequence as "from", least(below_sequence - 1, ${checkpoint}) as "to" from partitions
    where from_sequence between ${first} and ${checkpoint} order by from_sequence`);
  return { connection, shard, first, isWhole: first === origin, checkpoint, origin, below, ranges };
}

const differenceRow = z.object({ difference: z.string(), total: z.number() });

/** Notes the rows of a query with one column of text, each of which is a difference. */
export async function findDifferences(
  { connection }: Session,
  check: Check,
  query: Fragment | QuerySqlToken,
): Promise<void> {
  const rows = await connection.any(sql.type(differenceRow)`
    select difference, count(*) over () as total from (${query}) d (difference) limit 10`);
  const unseen = (rows[0]?.total ?? 0) - rows.length;
  rows.forEach(({ difference }, i) => {
    differs(check, difference, i === 0 ? unseen : 0);
  });
}
