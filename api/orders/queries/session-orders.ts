import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';

const row = z.object({ orderId: z.number() });

/** Which of the orders were placed by requests whose ids begin with a prefix. */
export async function findOrdersOfRequests(
  pool: Queries,
  orderIds: readonly number[],
  prefix: string,
): Promise<number[]> {
  const rows = await pool.any(sql.type(row)`
    select o.id as "orderId"
    from unnest(${sql.array([...orderIds], 'int8')}) as o (id) cross join lateral (
      select request_id, last_sequence from requests
      where first_sequence <= o.id order by first_sequence desc limit 1
    ) r
    where r.last_sequence >= o.id and starts_with(r.request_id, ${prefix})`);
  return rows.map(({ orderId }) => orderId);
}
