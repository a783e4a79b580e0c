import { sql } from 'slonik';
import type { Queries } from '../../../sql/with-timeout.ts';

export async function recordLastUses(
  pool: Queries,
  { keyIds, tokenIds }: { keyIds: readonly number[]; tokenIds: readonly number[] },
): Promise<void> {
  await pool.query(sql.unsafe`
    with keys as (update api_keys set last_used_at = now() where key_id = any(${sql.array([...keyIds], 'int4')}))
    update tokens set last_used_at = now() where token_id = any(${sql.array([...tokenIds], 'int4')})`);
}
