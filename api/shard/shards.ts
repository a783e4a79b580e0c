import { sleep } from '../../core/lifecycle.ts';
import { shardNumberOf } from '../../core/order.ts';
import type { Product } from '../../core/product.ts';
import { UnavailableError } from './errors.ts';
import type { Shard } from './shard.ts';

/** What a read of PostgreSQL may rely on. */
export type Seen = {
  /** Shards that do not answer: what PostgreSQL shows of them may lack what was sent last. */
  readonly away: readonly string[];
  /** By shard the sequence that PostgreSQL must show. */
  readonly reached: ReadonlyMap<string, number>;
};

/** Every shard of the exchange, and which of them has what. Shards come while the process runs; none goes. */
export type Shards = {
  readonly all: readonly Shard[];
  /** Calls with each shard that there is, and with each that comes. */
  readonly each: (take: (shard: Shard) => void) => void;
  readonly has: (name: string) => boolean;
  readonly named: (name: string) => Shard;
  readonly ofProduct: (product: Pick<Product, 'shard'>) => Shard;
  /** The shard that may have given an order id; undefined if no shard gives such ids. */
  readonly ofOrder: (orderId: number) => Shard | undefined;
  readonly numberOf: (shard: Shard) => number;
  /** The numbers of all. */
  readonly numbers: () => readonly number[];
  /** The shard of a number; undefined if there is none. */
  readonly numbered: (number: number) => Shard | undefined;
  /**
   * Resolves once PostgreSQL shows all that the trader was ever given a sequence for, and unless that takes long, all that others'
   * orders did to the trader's. Of several shards those that do not answer are named; throws if none does.
   */
  readonly visibleTo: (traderId: number, only?: Shard | null) => Promise<Seen>;
  /** The same, for sums over all shards: throws if one does not answer. */
  readonly visibleInAll: (traderId: number) => Promise<Seen>;
  /** The order that Redis remembers for a client order id. Throws if a shard that does not answer may know it. */
  readonly orderOfOid: (traderId: number, clientOid: string) => Promise<number | null>;
};

export type GrowingShards = Shards & { readonly add: (shard: Shard, number: number) => void };

/** Most of what a read waits for what the trader did not do, and is not promised to see at once. */
const courtesyMs = 250;

export function createShards(): GrowingShards {
  const byName = new Map<string, Shard>();
  const byNumber = new Map<number, Shard>();
  const takers: ((shard: Shard) => void)[] = [];
  const named = (name: string): Shard => {
    const shard = byName.get(name);
    if (!shard) throw new UnavailableError(`shard ${name} is not known here yet`);
    return shard;
  };
  const all: Shard[] = [];
  return {
    all,
    add: (shard, number) => {
      all.push(shard);
      byName.set(shard.name, shard);
      byNumber.set(number, shard);
      for (const take of takers) take(shard);
    },
    each: (take) => {
      takers.push(take);
      for (const shard of all) take(shard);
    },
    has: (name) => byName.has(name),
    named,
    ofProduct: ({ shard }) => named(shard),
    ofOrder: (orderId) => byNumber.get(shardNumberOf(orderId)),
    numberOf: ({ name }) => [...byNumber].find(([, shard]) => shard.name === name)![0],
    numbers: () => [...byNumber.keys()],
    numbered: (number) => byNumber.get(number),
    visibleTo: (traderId, only = null) => visibleIn(only ? [only] : all, traderId),
    visibleInAll: async (traderId) => {
      const seen = await visibleIn(all, traderId);
      if (seen.away.length > 0)
        throw new UnavailableError(`shard ${seen.away.join(' and ')} does not answer`);
      return seen;
    },
    orderOfOid: async (traderId, clientOid) => {
      const found = await Promise.allSettled(all.map((shard) => shard.sequenceOfOid(traderId, clientOid)));
      for (const answer of found)
        if (answer.status === 'fulfilled' && answer.value !== null) return answer.value;
      for (const answer of found) if (answer.status === 'rejected') throw answer.reason;
      return null;
    },
  };
}

export type Told<T> = {
  readonly there: readonly { readonly shard: Shard; readonly value: T }[];
  readonly away: readonly Shard[];
};

/** What shards answer, and which do not. Throws if none does, or what is not about a shard that is away. */
export async function thoseThere<T>(
  shards: readonly Shard[],
  ask: (shard: Shard) => Promise<T>,
): Promise<Told<T>> {
  const answers = await Promise.allSettled(shards.map(async (shard) => ask(shard)));
  const there: { shard: Shard; value: T }[] = [];
  const away: Shard[] = [];
  const errors: unknown[] = [];
  for (const [i, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') there.push({ shard: shards[i]!, value: answer.value });
    else if (shards.length > 1 && answer.reason instanceof UnavailableError) {
      away.push(shards[i]!);
      errors.push(answer.reason);
    } else throw answer.reason;
  }
  if (there.length === 0 && errors.length > 0) throw errors[0];
  return { there, away };
}

async function visibleIn(shards: readonly Shard[], traderId: number): Promise<Seen> {
  const { there, away } = await thoseThere(shards, (shard) => shownOf(shard, traderId));
  return {
    away: away.map(({ name }) => name),
    reached: new Map(there.map(({ shard, value }) => [shard.name, value])),
  };
}

/** The sequence that PostgreSQL shows for the trader by then, at least. */
async function shownOf(shard: Shard, traderId: number): Promise<number> {
  const enough = new AbortController();
  try {
    const othersToo = shard.everythingMatched().catch(() => 0);
    const [written, matched] = await Promise.all([
      shard.writesOf(traderId),
      Promise.race([othersToo, sleep(courtesyMs, enough.signal).then(() => 0)]),
    ]);
    return Math.max(written, matched);
  } finally {
    enough.abort();
  }
}
