import type { Place } from '../../core/commands.ts';
import type { Taken } from '../../matcher/client.ts';
import type { Api } from '../api.ts';
import { BadRequest } from '../http/errors.ts';
import { isAnsweredAsOrder, refusalFor } from '../http/reject-answers.ts';
import type { Shard } from '../shard/shard.ts';
import { archivedBelow } from './coverage.ts';
import { isSameOrder, type OrderRecord, recordOf } from './record.ts';

/** Takes orders into the sequence. One whose client order id was given before keeps the order that it was given to. */
export async function acceptOrders(api: Api, shard: Shard, places: readonly Place[]): Promise<Taken[]> {
  const earlier = await earlierOrders(api, places);
  const fresh = places.filter((_, i) => earlier[i] === null);
  const taken = fresh.length > 0 ? await shard.submit(fresh) : [];
  let next = 0;
  return earlier.map((orderId) =>
    orderId === null ? taken[next++]! : { sequence: orderId, repeated: true },
  );
}

async function earlierOrders(api: Api, places: readonly Place[]): Promise<(number | null)[]> {
  if (places.every(({ clientOid }) => clientOid === null)) return places.map(() => null);
  return Promise.all(
    places.map(({ traderId, clientOid }) =>
      clientOid === null ? null : api.findClientOid({ traderId, clientOid }),
    ),
  );
}

/** What became of an order: as matched, or pending if that takes too long. Throws `HttpError` if it was refused. */
export async function outcomeOf(api: Api, place: Place, taken: Taken): Promise<OrderRecord> {
  const order = taken.repeated
    ? await repeatedOrder(api, place, taken.sequence)
    : recordOf(taken.sequence, place, await api.shards.ofOrder(taken.sequence)!.verdict(taken.sequence));
  if (order.rejectReason !== null && !isAnsweredAsOrder(order.rejectReason))
    throw refusalFor(order.rejectReason);
  return order;
}

/** The first order with the client order id, as it stands now. Throws if it was another order than this one, or is archived. */
async function repeatedOrder(api: Api, place: Place, orderId: number): Promise<OrderRecord> {
  await api.shards.visibleTo(place.traderId);
  const order = await api.findOrder(orderId);
  if (order && isSameOrder(order, place)) return order;
  const isArchived = !order && (await archivedBelow(api, orderId)) !== null;
  throw new BadRequest(
    isArchived
      ? `Duplicate client_oid: it is that of order ${orderId}, which is archived`
      : 'Duplicate client_oid',
  );
}
