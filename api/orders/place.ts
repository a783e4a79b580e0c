import { isShardMark } from '../../core/order.ts';
import type { Place } from '../../core/wire/commands.ts';
import type { Taken } from '../../matcher/client.ts';
import type { Api } from '../api.ts';
import { BadRequest, type RequestError, requestErrorOf } from '../errors.ts';
import { isAnsweredAsOrder, refusalFor } from '../http/reject-answers.ts';
import type { Shard } from '../shard/shard.ts';
import { type Accepted, isTaken } from './accepted.ts';
import { archivedBelow } from './coverage.ts';
import { ownerOf, takeAtHome } from './home-shard.ts';
import type { AskedOrder } from './read-place.ts';
import { type OrderRecord, recordOf } from './record.ts';
import { isRepeatOf } from './repeat.ts';

/** Orders about to be submitted: those that were taken before, and which of the others go to which shard. */
export type Prepared = {
  readonly asked: readonly AskedOrder[];
  readonly accepted: readonly (Accepted | null)[];
  readonly groups: ReadonlyMap<Shard, readonly number[]>;
};

/** Takes orders into the sequence. One whose client order id was given before keeps the order that it was given to. */
export async function acceptOrders(api: Api, asked: readonly AskedOrder[]): Promise<Accepted[]> {
  return submitPrepared(api, await prepareOrders(api, asked));
}

/** Takes one order. Without a client order id it can be no repeat, and needs none of what `acceptOrders` keeps of several. */
export async function acceptOrder(api: Api, asked: AskedOrder): Promise<Accepted> {
  if (asked.body.client_oid !== undefined) return (await acceptOrders(api, [asked]))[0]!;
  return (await submitAdmitted(api, api.shards.ofProduct(asked.product), [placeIn(asked)]))[0]!;
}

/** Looks up which of them were taken before. Throws what `naming` makes of the first one that cannot be an order. */
export async function prepareOrders(
  api: Api,
  asked: readonly AskedOrder[],
  naming = (_index: number, error: BadRequest): BadRequest => error,
): Promise<Prepared> {
  const accepted: (Accepted | null)[] = await earlierOrders(api, asked);
  const groups = new Map<Shard, number[]>();
  for (const [i, { place, product }] of asked.entries()) {
    if (accepted[i] !== null) continue;
    if (place instanceof BadRequest) throw naming(i, place);
    const shard = api.shards.ofProduct(product);
    const group = groups.get(shard);
    if (group) group.push(i);
    else groups.set(shard, [i]);
  }
  if (api.shards.all.length === 1) return { asked, accepted, groups };
  for (const [shard, group] of groups) {
    const owners = await takeAtHome(api, shard, placesIn(asked, group));
    for (const [j, i] of group.entries()) accepted[i] = owners[j]!;
    groups.set(
      shard,
      group.filter((i) => accepted[i] === null),
    );
  }
  return { asked, accepted, groups };
}

export function placesIn(asked: readonly AskedOrder[], group: readonly number[]): Place[] {
  return group.map((i) => placeIn(asked[i]!));
}

/**
 * Submits before it waits for anything, so that of two calls the first comes first in the sequence of each shard. If one of several
 * shards takes none, its orders have the reason each; if none does, that is thrown.
 */
export async function submitPrepared(api: Api, { asked, accepted, groups }: Prepared): Promise<Accepted[]> {
  const given = [...groups].filter(([, group]) => group.length > 0);
  const submitted = await Promise.allSettled(
    given.map(([shard, group]) => submitAdmitted(api, shard, placesIn(asked, group))),
  );
  const answers = [...accepted];
  for (const [k, answer] of submitted.entries()) {
    const reason = answer.status === 'rejected' ? reasonOf(answer.reason, submitted) : null;
    for (const [j, i] of given[k]![1].entries())
      answers[i] = reason ?? (answer as PromiseFulfilledResult<Accepted[]>).value[j]!;
  }
  return withOwners(api, asked, answers as Accepted[]);
}

/** With one shard there are no marks. */
export async function withOwners(
  api: Api,
  asked: readonly AskedOrder[],
  answers: readonly Accepted[],
): Promise<Accepted[]> {
  if (api.shards.all.length === 1) return [...answers];
  return Promise.all(answers.map((answer, i) => withOwner(api, asked[i]!, answer)));
}

/** Why a shard took none, if others did; else throws it. */
function reasonOf(error: unknown, all: readonly PromiseSettledResult<unknown>[]): RequestError {
  const known = requestErrorOf(error);
  if (!known || all.every(({ status }) => status === 'rejected')) throw error;
  return known;
}

/** Where another shard's mark stands at a client order id, that shard's order has it. */
async function withOwner(api: Api, { place }: AskedOrder, answer: Accepted): Promise<Accepted> {
  if (!isTaken(answer) || !answer.repeated || !isShardMark(answer.sequence)) return answer;
  const { traderId, clientOid } = place as Place;
  return ownerOf(api, { traderId, clientOid: clientOid! }, answer.sequence);
}

/** Those that would be too many open ones of their trader are kept back, unless Redis knows them as repeats. */
async function submitAdmitted(api: Api, shard: Shard, places: readonly Place[]): Promise<Accepted[]> {
  const { refusals, settle } = shard.openOrderLimit.admit(places);
  const admitted = refusals ? places.filter((_, i) => refusals[i] === null) : places;
  let taken: Taken[] | null = null;
  try {
    taken = admitted.length > 0 ? await shard.submit(admitted) : [];
  } finally {
    settle(taken);
  }
  if (!refusals) return taken;
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
    : recordOf(taken.sequence, placeIn(asked), await api.shards.ofOrder(taken.sequence)!.verdict(taken));
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
