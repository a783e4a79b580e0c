import { bookKey, shardKeys } from '../../core/keys.ts';
import type { Engine } from './engine.ts';
import type { NaiveExchange, NaiveOrder } from './naive-book.ts';

/** All that Redis holds of a shard's books, in the text of `core/keys.ts`. */
export type Stored = {
  readonly orders: Record<string, string>;
  readonly products: Record<string, string>;
  readonly counters: Record<string, string>;
  /** Per half of a book its members with their scores, as ZRANGE orders them; empty halves are left out. */
  readonly halves: Record<string, string[]>;
};

const halfNames = ['bids', 'asks'] as const;

export async function readStored({ redis, shard }: Engine, productIds: readonly string[]): Promise<Stored> {
  const keys = shardKeys(shard);
  const halves = productIds.flatMap((id) =>
    halfNames.map((name) => [`${id}:${name}`, bookKey(shard, id, name)] as const),
  );
  const [orders, products, counters, members] = await Promise.all([
    redis.hgetall(keys.orders),
    redis.hgetall(keys.products),
    redis.hgetall(keys.state),
    Promise.all(halves.map(([, key]) => redis.zrange(key, 0, '-1', 'WITHSCORES'))),
  ]);
  const filled = halves
    .map(([name], i) => [name, members[i]!] as const)
    .filter(([, list]) => list.length > 0);
  return { orders, products, counters, halves: Object.fromEntries(filled) };
}

/** What Redis should hold if it agrees with the naive exchange. */
export function storedFor(exchange: NaiveExchange, sequence: number, persisted: number): Stored {
  const { resting, products } = exchange;
  const counters = { sequence, matched: exchange.sequence, persisted };
  const numbers = [...products].flatMap(([id, p]) => [
    [`tradeId:${id}`, p.tradeId] as const,
    [`feed:${id}`, p.feed] as const,
  ]);
  return {
    orders: Object.fromEntries(resting.map((order) => [String(order.id), orderText(order)])),
    products: Object.fromEntries([...products].map(([id, p]) => [id, `${p.status} ${p.version}`])),
    counters: textOf({ ...counters, ...Object.fromEntries(numbers) }),
    halves: halvesOf(resting),
  };
}

function textOf(numbers: Record<string, number>): Record<string, string> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
}

function orderText(o: NaiveOrder): string {
  const post = o.postOnly ? 'post' : '-';
  return `${o.traderId} ${o.remaining} ${o.productId} ${o.side} ${o.price} ${o.place} ${o.size} ${o.selfTradePrevention} ${post}`;
}

function halvesOf(resting: readonly NaiveOrder[]): Record<string, string[]> {
  const score = (order: NaiveOrder): number => (order.side === 'buy' ? -order.price! : order.price!);
  const halves: Record<string, string[]> = {};
  for (const order of [...resting].sort((a, b) => score(a) - score(b) || a.place - b.place)) {
    const name = `${order.productId}:${order.side === 'buy' ? 'bids' : 'asks'}`;
    const place = String(order.place).padStart(16, '0');
    const member = order.place === order.id ? place : `${place}:${order.id}`;
    halves[name] ??= [];
    halves[name].push(member, String(score(order)));
  }
  return halves;
}
