import { batched } from '../../core/batched.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import type { Shard } from '../shard/shard.ts';
import type { Seen, Shards } from '../shard/shards.ts';
import type { FindClientOid } from './client-oids.ts';
import type { OrderName } from './order-name.ts';
import { findOrders } from './queries/orders.ts';
import type { OrderRecord } from './record.ts';

/** The order as PostgreSQL shows it now; null if it has no such order. */
export type FindOrder = (orderId: number) => Promise<OrderRecord | null>;

export function createFindOrder(pool: Queries): FindOrder {
  return batched(async (orderIds: readonly number[]) => {
    const orders = await findOrders(pool, orderIds);
    const byId = new Map(orders.map((order) => [order.orderId, order]));
    return orderIds.map((orderId) => byId.get(orderId) ?? null);
  });
}

/** Of the api, what finding an order takes. */
type Finding = {
  readonly shards: Shards;
  readonly findClientOid: FindClientOid;
  readonly findOrder: FindOrder;
};

/** The id of the order that a trader names; null if that trader never gave the client order id. */
export async function idOfOrder(api: Finding, traderId: number, name: OrderName): Promise<number | null> {
  if ('orderId' in name) return name.orderId;
  const { clientOid } = name;
  const remembered = await api.shards.orderOfOid(traderId, clientOid);
  return remembered ?? api.findClientOid({ traderId, clientOid });
}

/** An order by its id, and the shard that gave it; null if no order can have the name. */
export async function whereOrderIs(
  api: Finding,
  traderId: number,
  name: OrderName,
): Promise<{ readonly orderId: number; readonly shard: Shard } | null> {
  const orderId = await idOfOrder(api, traderId, name);
  const shard = orderId === null ? undefined : api.shards.ofOrder(orderId);
  return orderId === null || !shard ? null : { orderId, shard };
}

/** A trader's order as it is once all that the trader sent is done; null if it is another's, or nobody's. */
export async function findOwnOrder(
  api: Finding,
  traderId: number,
  name: OrderName,
): Promise<OrderRecord | null> {
  return (await seeOwnOrder(api, traderId, name))?.order ?? null;
}

/** The same, and what another read about the order must show as well. */
export async function seeOwnOrder(
  api: Finding,
  traderId: number,
  name: OrderName,
): Promise<(Pick<Seen, 'reached'> & { readonly order: OrderRecord }) | null> {
  const found = await whereOrderIs(api, traderId, name);
  if (!found) return null;
  const { reached } = await api.shards.visibleTo(traderId, found.shard);
  const order = await api.findOrder(found.orderId);
  return order?.traderId === traderId ? { order, reached } : null;
}
