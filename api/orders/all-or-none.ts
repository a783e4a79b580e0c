import { mostCommandsAnEntry, noSequence, type Taken } from '../../matcher/client.ts';
import type { Api } from '../api.ts';
import { BadRequest, type RequestError } from '../errors.ts';
import type { Shard } from '../shard/shard.ts';
import { type Accepted, isTaken } from './accepted.ts';
import { type Prepared, placesIn, withOwners } from './place.ts';
import type { AskedOrder } from './read-place.ts';

/** Its command goes with its orders. */
const mostOrders = mostCommandsAnEntry - 1;

/** Why an order cannot be one of an all-or-none batch, or null. */
export function whyNotTogether({ type, stop, time_in_force }: AskedOrder['body']): string | null {
  if (type === 'market') return 'a market order costs what the orders before it leave in the book';
  if (type === 'stop' || stop !== undefined) return 'a stop order waits, or comes in as the market is then';
  if (time_in_force === 'FOK') return 'a FOK order may end without a trade, though nobody refuses it';
  return null;
}

/** Throws what keeps orders from being placed all or none. */
export function assertTogether(
  orders: readonly AskedOrder[],
  naming: (index: number, error: BadRequest) => BadRequest,
): void {
  if (orders.length > mostOrders)
    throw new BadRequest(`Invalid all_or_none: such a batch has at most ${mostOrders} orders`);
  for (const [i, { body }] of orders.entries()) {
    const why = whyNotTogether(body);
    if (why) throw naming(i, new BadRequest(`Invalid all_or_none: ${why}`));
  }
  const shards = new Set(orders.map(({ product }) => product.shard));
  if (shards.size > 1)
    throw new BadRequest(
      `Invalid all_or_none: the products are of several shards (${[...shards].join(', ')}), of which none waits for another`,
    );
}

/** Takes all of them into the sequence, behind the command that makes them a batch, or none. Submits before it waits for anything. */
export async function submitTogether(api: Api, prepared: Prepared): Promise<Accepted[]> {
  const { asked, accepted, groups } = prepared;
  const error = accepted.find((one): one is RequestError => one !== null && !isTaken(one));
  if (error) throw error;
  if (accepted.some((one) => one !== null)) return repeatOf(api, prepared);
  const [[shard, group]] = [...groups] as [[Shard, number[]]];
  const places = placesIn(asked, group);
  const { refusals, settle } = shard.openOrderLimit.admit(places);
  const refusal = refusals?.find((one) => one !== null);
  if (refusal) {
    settle(null);
    return repeatOf(api, prepared, refusal);
  }
  const { time, requestId } = places[0]!;
  let taken: Taken[] | null = null;
  try {
    const batch = { kind: 'batch', count: places.length, time, requestId } as const;
    taken = (await shard.submit([batch, ...places])).slice(1);
  } finally {
    settle(taken);
  }
  if (taken[0]!.sequence === noSequence) throw partlyRepeated();
  return withOwners(api, asked, taken);
}

/** The orders as they were taken before, if all of them were. PostgreSQL may know some of them already, and Redis the others. */
async function repeatOf(
  api: Api,
  { asked, accepted }: Prepared,
  otherwise?: RequestError,
): Promise<Accepted[]> {
  const earlier = await Promise.all(
    accepted.map(async (one, i) => one ?? (await knownRepeat(api, asked[i]!))),
  );
  if (earlier.every((one) => one !== null)) return earlier;
  throw earlier.every((one) => one === null) && otherwise ? otherwise : partlyRepeated();
}

async function knownRepeat(api: Api, { traderId, body }: AskedOrder): Promise<Taken | null> {
  if (body.client_oid === undefined) return null;
  const sequence = await api.shards.orderOfOid(traderId, body.client_oid);
  return sequence === null ? null : { sequence, repeated: true };
}

function partlyRepeated(): BadRequest {
  return new BadRequest(
    'Duplicate client_oid: some orders of the all-or-none batch were sent before, and not all of them together; none is placed',
  );
}
