import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';

const row = z.object({ traderId: z.number() });

/** Which of the traders there are, in the order asked. */
export async function findTraders(pool: Queries, traderIds: readonly number[]): Promise<boolean[]> {
  const rows = await pool.any(sql.type(row)`
    select trader_id as "traderId" from traders where trader_id = any(${sql.array([...traderIds], 'int4')})`);
  const found = new Set(rows.map(({ traderId }) => traderId));
  return traderIds.map((traderId) => found.has(traderId));
}

const traderRow = z.object({ traderId: z.number(), createdAt: z.number() });
export type TraderRow = z.output<typeof traderRow>;

/** Throws if there is no such trader. */
export async function findTrader(pool: Queries, traderId: number): Promise<TraderRow> {
  return pool.one(sql.type(traderRow)`
    select trader_id as "traderId", (extract(epoch from created_at) * 1000)::bigint as "createdAt"
    from traders where trader_id = ${traderId}`);
}

export async function loadTraders(pool: Queries, limit: number): Promise<number[]> {
  const rows = await pool.any(sql.type(row)`
    select trader_id as "traderId" from traders order by trader_id limit ${limit}`);
  return rows.map(({ traderId }) => traderId);
}
