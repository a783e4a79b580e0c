import { type CommonQueryMethods, sql } from 'slonik';
import type { NewOrder } from '../batch.ts';
import { column, texts } from './columns.ts';

/** Remembers client order ids for ever. The first order of an id keeps it. */
export async function insertClientOids(
  transaction: CommonQueryMethods,
  orders: readonly NewOrder[],
): Promise<void> {
  await transaction.query(sql.unsafe`
    insert into client_oids (trader_id, client_oid, order_id)
    select * from unnest(
      ${column(orders.map(({ command }) => command.traderId))}::integer[],
      ${texts(orders.map(({ command }) => command.clientOid))}::text[],
      ${column(orders.map(({ id }) => id))}::bigint[])
    on conflict do nothing`);
}
