import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { Funding } from '../core/product.ts';

const row = z.object({
  product_id: z.string(),
  baseCurrency: z.string(),
  baseUnits: z.coerce.number(),
  quoteCurrency: z.string(),
  quoteUnits: z.coerce.number(),
});

/** How the funded products of a shard pay; a trigger keeps the units whole and forbids that they change. */
export async function loadFundings(
  connection: CommonQueryMethods,
  shard: string,
): Promise<Map<string, Funding>> {
  const rows = await connection.any(sql.type(row)`
    select product_id, base_currency as "baseCurrency", base_increment / b.increment as "baseUnits",
      quote_currency as "quoteCurrency", quote_increment * base_increment / q.increment as "quoteUnits"
    from products
    join currencies b on b.currency = base_currency
    join currencies q on q.currency = quote_currency
    where funded and shard = ${shard}`);
  return new Map(rows.map(({ product_id, ...funding }) => [product_id, funding]));
}
