import { sql } from 'slonik';
import type { Statement } from '../../sql/copy.ts';
import { column, texts } from './columns.ts';

/** Notes which products are to take cancels only, of those whose collar was met. It changes no row that operators may have locked. */
export function insertHalts(collared: ReadonlyMap<string, number>): Statement {
  const query = sql.unsafe`
    insert into halts (sequence, product_id)
    select sequence, product_id from unnest(
      ${column([...collared.values()])}::bigint[],
      ${texts([...collared.keys()])}::text[]) as met (sequence, product_id)
    join products using (product_id)
    where collar_halts and status = 'online'`;
  return (transaction) => transaction.query(query);
}
