import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';

const row = z.object({ place: z.number(), orderId: z.number() });

export type OwnedOid = { readonly traderId: number; readonly clientOid: string };

/** The orders that client order ids were given to, in the order asked; null for one that is free. */
export async function findClientOids(pool: Queries, oids: readonly OwnedOid[]): Promise<(number | null)[]> {
  const traders = oids.map(({ traderId }) => traderId);
  const texts = oids.map(({ clientOid }) => clientOid);
  const rows = await pool.any(sql.type(row)`
    select asked.place::int as place, client_oids.order_id as "orderId"
    from unnest(${sql.array(traders, 'int4')}, ${sql.array(texts, 'text')}) with ordinality
      as asked (trader_id, client_oid, place)
    join client_oids using (trader_id, client_oid)`);
  const found: (number | null)[] = oids.map(() => null);
  for (const { place, orderId } of rows) found[place - 1] = orderId;
  return found;
}
