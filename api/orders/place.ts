import type { Place } from '../../core/wire/commands.ts';
import type { Taken } from '../../matcher/client.ts';
import type { Api } from '../api.ts';
import { BadRequest, RequestError } from '../errors.ts';
import { isAnsweredAsOrder, refusalFor } from '../http/reject-answers.ts';
import type { Shard } from '../shard/shard.ts';
import { archivedBelow } from './coverage.ts';
import type { AskedOrder } from './read-place.ts';
import { type OrderRecord, recordOf } from './record.ts';
import { isRepeatOf } from './repeat.ts';

/** The sequence that an order has, or why it was not taken. */
export type Accepted = Taken | RequestError;

export function isTaken(accepted: Accepted): accepted is Taken {
  return !(accepted instanceof RequestError);
}

/** Orders about to be submitted: those that were taken before, and the commands of the others. */
export type Prepared = {
  readonly accepted: readonly (Accepted | null)[];
  readonly places: readonly Place[];
};

/** Takes orders into the sequence. One whose client order id was given before keeps the order that it was given to. */
export async function acceptOrders(
  api: Api,
  shard: Shard,
  asked: readonly AskedOrder[],
): Promise<Accepted[]> {
  return submitPrepared(api, shard, await prepareOrders(api, asked));
}

/** Looks up which of them were taken before. Throws what `naming` makes of the first one that cannot be an order. */
export async function prepareOrders(
  api: Api,
  asked: readonly AskedOrder[],
  naming = (_index: number, error: BadRequest): BadRequest => error,
): Promise<Prepared> {
  const accepted: (Accepted | null)[] = await earlierOrders(api, asked);
  const places: Place[] = [];
  for (const [i, { place }] of asked.entries()) {
    if (accepted[i] !== null) continue;
    if (place instanceof BadRequest) throw naming(i, place);
    places.push(place);
  }
  return { accepted, places };
}

/** Submits before it waits for anything, so that of two calls the first comes first in the sequence. */
export async function submitPrepared(
  api: Api,
  shard: Shard,
  { accepted, places }: Prepared,
): Promise<Accepted[]> {
  const answers = places.length > 0 ? await submitAdmitted(api, shard, places) : [];
  let next = 0;
  return accepted.map((earlier) => earlier ?? answers[next++]!);
}

/** Those that would be too many open ones of their trader are kept back, unless Redis knows them as repeats. */
async function submitAdmitted(api: Api, shard: Shard, places: readonly Place[]): Promise<Accepted[]> {
  const { openOrderLimit } = shard;
  const refusals = openOrderLimit.admit(places);
  const admitted = places.filter((_, i) => refusals[i] === null);
  let taken: Taken[] | null = null;
  try {
    taken = admitted.length > 0 ? await shard.submit(admitted) : [];
  } finally {
    openOrderLimit.settle(admitted, taken);
  }
  let next = 0;
  return Promise.all(
    refusals.map((refusal, i) => (refusal === null ? taken![next++]! : repeatOr(api, places[i]!, refusal))),
  );
}

async function repeatOr(api: Api, { traderId, clientOid }: Place, refusal: RequestError): Promise<Accepted> {
  const earlier = clientOid === null ? null : await api.shards.orderOfOid(traderId, clientOid);
  return earlier === null ? refusal : { sequence: earlier, repeated: true };
}

async function earlierOrders(api: Api, asked: readonly AskedOrder[]): Promise<(Taken | null)[]> {
  if (asked.every(({ body }) => body.client_oid === undefined)) return asked.map(() => null);
  return Promise.all(
    asked.map(async ({ body: { client_oid: clientOid }, traderId, place }) => {
      if (clientOid === undefined) return null;
      const stored = await api.findClientOid({ traderId, clientOid });
      // Of one that can be submitted, Redis says itself whether it is a repeat.
      const isRefused = stored === null && place instanceof BadRequest;
      const orderId = isRefused ? await api.shards.orderOfOid(traderId, clientOid) : stored;
      return orderId === null ? null : { sequence: orderId, repeated: true };
    }),
  );
}

/** What became of an order: as matched, or pending if that takes too long. Throws `RequestError` if it was refused. */
export async function outcomeOf(api: Api, asked: AskedOrder, taken: Accepted): Promise<OrderRecord> {
  if (!isTaken(taken)) throw taken;
  const order = taken.repeated
    ? await repeatedOrder(api, asked, taken.sequence)
    : recordOf(
        taken.sequence,
        placeIn(asked),
        await api.shards.ofOrder(taken.sequence)!.verdict(taken.sequence),
      );
  if (order.rejectReason !== null && !isAnsweredAsOrder(order.rejectReason))
    throw refusalFor(order.rejectReason);
  return order;
}

/** The command of an order that was taken. */
export function placeIn({ place }: AskedOrder): Place {
  if (place instanceof BadRequest) throw place;
  return place;
}

/** The first order with the client order id, as it stands now. Throws if it was another order than this one, or is archived. */
async function repeatedOrder(api: Api, asked: AskedOrder, orderId: number): Promise<OrderRecord> {
  await api.shards.visibleTo(asked.traderId, api.shards.ofOrder(orderId)!);
  const order = await api.findOrder(orderId);
  if (order && isRepeatOf(order, asked)) return order;
  const isArchived = !order && (await archivedBelow(api, orderId)) !== null;
  throw new BadRequest(
    isArchived
      ? `Duplicate client_oid: it is that of order ${orderId}, which is archived`
      : 'Duplicate client_oid',
  );
}
