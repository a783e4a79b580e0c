import type { DatabasePool } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../sql/with-timeout.ts';

export const plan = z.object({ 'QUERY PLAN': z.any() });

/** Rows that PostgreSQL looked at, by what it explains. */
export function lookedIn(explained: z.output<typeof plan>): number {
  let rows = 0;
  const count = (node: Record<string, unknown>): void => {
    const below = (node.Plans ?? []) as Record<string, unknown>[];
    const removed = Number(node['Rows Removed by Filter'] ?? 0);
    if (below.length === 0) rows += (Number(node['Actual Rows']) + removed) * Number(node['Actual Loops']);
    below.forEach(count);
  };
  count(explained['QUERY PLAN'][0].Plan);
  return rows;
}

/** How many of them for the questions that are asked, whose answers are empty. */
export async function looked(pool: DatabasePool, ask: (reads: Queries) => Promise<unknown>): Promise<number> {
  let rows = 0;
  const explaining = {
    any: async (query: { sql: string; values: readonly never[] }) => {
      const explained = {
        ...query,
        name: undefined,
        sql: `explain (analyze, format json) ${query.sql}`,
        parser: plan,
      };
      rows += lookedIn((await pool.one(explained as never)) as z.output<typeof plan>);
      return [];
    },
  };
  await ask(explaining as unknown as Queries);
  return rows;
}
