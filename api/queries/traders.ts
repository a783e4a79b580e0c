import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../impatient-pool.ts';

const row = z.object({ traderId: z.number() });

/** Which of the traders there are, in the order asked. */
export async function findTraders(pool: Queries, traderIds: readonly number[]): Promise<boolean[]> {
  const rows = await pool.any(sql.type(row)`
    select trader_id as "traderId" from traders where trader_id = any(${sql.array([...traderIds], 'int4')})`);
  const found = new Set(rows.map(({ traderId }) => traderId));
  return traderIds.map((traderId) => found.has(traderId));
}

export async function loadTraders(pool: Queries, limit: number): Promise<number[]> {
  const rows = await pool.any(sql.type(row)`
    select trader_id as "traderId" from traders order by trader_id limit ${limit}`);
  return rows.map(({ traderId }) => traderId);
}
