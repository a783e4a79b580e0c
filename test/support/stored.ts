import { accountKey, bookKey, shardKeys } from '../../core/keys.ts';
import { encodeProductRow } from '../../core/wire/commands.ts';
import type { Engine } from './engine.ts';
import { accountStates } from './naive-accounts.ts';
import type { NaiveExchange, NaiveOrder } from './naive-exchange.ts';

/** All that Redis holds of a shard's books, in the text of `core/keys.ts`. */
export type Stored = {
  readonly orders: Record<string, string>;
  readonly products: Record<string, string>;
  readonly counters: Record<string, string>;
  /** Per half of a book its members with their scores, as ZRANGE orders them; empty halves are left out. */
  readonly halves: Record<string, string[]>;
  /** `<trader> <field>` → value, of all accounts. */
  readonly accounts: Record<string, string>;
};

/** Those whose accounts are read if nothing else is said: the system, and as many traders as tests mostly have. */
const mostTraders = Array.from({ length: 10 }, (_, traderId) => traderId);

const halfNames = ['bids', 'asks'] as const;

export async function readStored(
  { redis, shard }: Engine,
  productIds: readonly string[],
  traderIds: readonly number[] = mostTraders,
): Promise<Stored> {
  const keys = shardKeys(shard);
  const halves = productIds.flatMap((id) =>
    halfNames.map((name) => [`${id}:${name}`, bookKey(shard, id, name)] as const),
  );
  const [orders, products, counters, members, hashes] = await Promise.all([
    redis.hgetall(keys.orders),
    redis.hgetall(keys.products),
    redis.hgetall(keys.state),
    Promise.all(halves.map(([, key]) => redis.zrange(key, 0, '-1', 'WITHSCORES'))),
    Promise.all(traderIds.map((traderId) => redis.hgetall(accountKey(shard, traderId)))),
  ]);
  const accounts = traderIds.flatMap((traderId, i) =>
    Object.entries(hashes[i]!).map(([field, value]) => [`${traderId} ${field}`, value] as const),
  );
  const filled = halves
    .map(([name], i) => [name, members[i]!] as const)
    .filter(([, list]) => list.length > 0);
  return {
    orders,
    products,
    counters,
    halves: Object.fromEntries(filled),
    accounts: Object.fromEntries(accounts),
  };
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
    products: Object.fromEntries([...products].map(([id, p]) => [id, encodeProductRow(p)])),
    counters: textOf({ ...counters, ...Object.fromEntries(numbers) }),
    halves: halvesOf(resting),
    accounts: textOf(Object.fromEntries(accountFields(exchange))),
  };
}

function accountFields(exchange: NaiveExchange): [string, number][] {
  return accountStates(exchange, exchange.accounts.balances.keys()).flatMap(
    ({ traderId, currency, available, hold }): [string, number][] => [
      [`${traderId} ${currency}:available`, available],
      [`${traderId} ${currency}:hold`, hold],
    ],
  );
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
