import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';

/** In units of the currency. */
const row = z.object({
  currency: z.string(),
  balance: z.string().transform(BigInt),
  hold: z.string().transform(BigInt),
});
export type AccountRow = z.output<typeof row>;

/** The currencies that a trader has ever had, over all shards. */
export async function findAccounts(pool: Queries, traderId: number): Promise<readonly AccountRow[]> {
  return pool.any(sql.type(row)`
    select currency, sum(balance)::text as balance, sum(hold)::text as hold
    from accounts where trader_id = ${traderId} group by currency order by currency`);
}
