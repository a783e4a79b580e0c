import { sql } from 'slonik';
import type { Statement } from '../../sql/copy.ts';
import type { NewOrder } from '../batch.ts';
import { column, texts } from './columns.ts';

/** Remembers client order ids for ever. The first order of an id keeps it. */
export function insertClientOids(orders: readonly NewOrder[]): Statement {
  const query = sql.unsafe`
    insert into client_oids (trader_id, client_oid, order_id)
    select * from unnest(
      ${column(orders.map(({ command }) => command.traderId))}::integer[],
      ${texts(orders.map(({ command }) => command.clientOid))}::text[],
      ${column(orders.map(({ id }) => id))}::bigint[])
    on conflict do nothing`;
  return (transaction) => transaction.query(query);
}
