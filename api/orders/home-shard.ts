import { isShardMark, shardMark, shardNumberOf } from '../../core/order.ts';
import type { Place } from '../../core/wire/commands.ts';
import type { Api } from '../api.ts';
import { BadRequest } from '../errors.ts';
import { UnavailableError } from '../shard/errors.ts';
import type { Shard } from '../shard/shard.ts';
import type { Accepted } from './accepted.ts';

/**
 * The shard that says which client order ids are taken. Its own orders take theirs with their sequence; those of other shards leave
 * the mark of their shard there before they are submitted. It is the first shard for every trader, since it must never be
 * another one: two who disagreed would both take an id.
 */
export function homeOf({ shards }: Pick<Api, 'shards'>, _traderId: number): Shard {
  return shards.all[0]!;
}

type Named = Place & { readonly clientOid: string };

/**
 * Takes the client order ids of orders that go to this shard: for each order null, or why it is not to be submitted. While the
 * home is away only what PostgreSQL and this shard know is refused, since orders must not wait for another shard.
 */
export async function takeAtHome(
  api: Api,
  shard: Shard,
  places: readonly Place[],
): Promise<(Accepted | null)[]> {
  const answers: (Accepted | null)[] = places.map(() => null);
  const byHome = new Map<Shard, number[]>();
  for (const [i, { traderId, clientOid }] of places.entries()) {
    const home = homeOf(api, traderId);
    if (clientOid === null || home === shard) continue;
    byHome.set(home, [...(byHome.get(home) ?? []), i]);
  }
  const mark = shardMark(api.shards.numberOf(shard));
  for (const [home, indexes] of byHome) {
    const named = indexes.map((i) => places[i] as Named);
    const found = await home.markOids(named, mark).catch((error) => {
      if (error instanceof UnavailableError) return named.map(() => mark);
      throw error;
    });
    const owners = found.map((one, j) => (one === mark ? null : ownerOf(api, named[j]!, one)));
    for (const [j, owner] of (await Promise.all(owners)).entries()) answers[indexes[j]!] = owner;
  }
  return answers;
}

/** The order that has a client order id, by what stands at home: its sequence, or the mark of its shard. */
export async function ownerOf(
  api: Api,
  { traderId, clientOid }: Pick<Named, 'traderId' | 'clientOid'>,
  found: number,
): Promise<Accepted> {
  if (!isShardMark(found)) return { sequence: found, repeated: true };
  const shard = api.shards.numbered(shardNumberOf(found));
  const orderId =
    (await shard?.sequenceOfOid(traderId, clientOid)) ?? (await api.findClientOid({ traderId, clientOid }));
  // It is under way there, or was refused: whichever, the id was meant for another product.
  return orderId ? { sequence: orderId, repeated: true } : new BadRequest('Duplicate client_oid');
}
