import { sleep } from '../../core/lifecycle.ts';
import { shardNumberOf } from '../../core/order.ts';
import type { Product } from '../../core/product.ts';
import type { Shard } from './shard.ts';

/** Every shard of the exchange, and which of them has what. */
export type Shards = {
  readonly all: readonly Shard[];
  readonly named: (name: string) => Shard;
  readonly ofProduct: (product: Product) => Shard;
  /** The shard that may have given an order id; undefined if no shard gives such ids. */
  readonly ofOrder: (orderId: number) => Shard | undefined;
  /** Resolves once PostgreSQL shows all that the trader was ever given a sequence for. */
  readonly writesOf: (traderId: number) => Promise<void>;
  /** The same, and unless that takes long, all that others' orders did to the trader's. */
  readonly visibleTo: (traderId: number) => Promise<void>;
  /** The order that Redis remembers for a client order id. */
  readonly orderOfOid: (traderId: number, clientOid: string) => Promise<number | null>;
};

/** Most of what a read waits for what the trader did not do, and is not promised to see at once. */
const courtesyMs = 250;

export function createShards(opened: readonly { readonly number: number; readonly shard: Shard }[]): Shards {
  const all = opened.map(({ shard }) => shard);
  const byName = new Map(all.map((shard) => [shard.name, shard]));
  const byNumber = new Map(opened.map(({ number, shard }) => [number, shard]));
  const named = (name: string): Shard => {
    const shard = byName.get(name);
    if (!shard) throw new Error(`shard ${name} was added after the start`);
    return shard;
  };
  const writesOf = async (traderId: number): Promise<void> => {
    await Promise.all(all.map((shard) => shard.writesOf(traderId)));
  };
  return {
    all,
    named,
    ofProduct: ({ shard }) => named(shard),
    ofOrder: (orderId) => byNumber.get(shardNumberOf(orderId)),
    writesOf,
    visibleTo: async (traderId) => {
      const othersToo = Promise.all(all.map((shard) => shard.everythingMatched()));
      const enough = new AbortController();
      await Promise.all([
        writesOf(traderId),
        Promise.race([othersToo.catch(() => {}), sleep(courtesyMs, enough.signal)]),
      ]);
      enough.abort();
    },
    orderOfOid: async (traderId, clientOid) => {
      const found = await Promise.all(all.map((shard) => shard.sequenceOfOid(traderId, clientOid)));
      return found.find((orderId) => orderId !== null) ?? null;
    },
  };
}
