import { sql } from 'slonik';
import type { Queries } from '../../../sql/with-timeout.ts';

/** Throws if PostgreSQL does not answer. */
export async function pingPostgres(pool: Queries): Promise<void> {
  await pool.query(sql.unsafe`select 1`);
}
