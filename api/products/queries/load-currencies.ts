import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

/** `increment` is decimal text, as the row has it. */
const row = z.object({
  currency: z.string(),
  name: z.string(),
  kind: z.enum(['crypto', 'fiat']),
  increment: z.string(),
});
export type CurrencyRow = z.infer<typeof row>;

export function loadCurrencies(connection: CommonQueryMethods): Promise<readonly CurrencyRow[]> {
  return connection.any(
    sql.type(row)`select currency, name, kind, increment from currencies order by currency`,
  );
}
