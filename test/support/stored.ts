import { accountKey, bookKey, shardKeys } from '../../core/keys.ts';
import { encodeProductRow } from '../../core/wire/commands.ts';
import type { Engine } from './engine.ts';
import { accountStates } from './naive-accounts.ts';
import type { NaiveExchange, NaiveOrder } from './naive-exchange.ts';
import { overOf } from './naive-fees.ts';
import { byPlace, shownOf } from './naive-trading.ts';

/** All that Redis holds of a shard's books, in the text of `core/keys.ts`. */
export type Stored = {
  readonly orders: Record<string, string>;
  readonly products: Record<string, string>;
  /** Who may cancel only, by number. */
  readonly frozen: number[];
  readonly counters: Record<string, string>;
  /** Per half of a book its members with their scores, as ZRANGE orders them; empty halves are left out. */
  readonly halves: Record<string, string[]>;
  /** `<trader> <field>` → value, of all accounts. */
  readonly accounts: Record<string, string>;
};

/** Those whose accounts are read if nothing else is said: the exchange's own, and as many traders as tests mostly have. */
const mostTraders = Array.from({ length: 11 }, (_, i) => i - 1);

const halfNames = ['bids', 'asks', 'losses', 'entries', 'expiries'] as const;

export async function readStored(
  { redis, shard }: Engine,
  productIds: readonly string[],
  traderIds: readonly number[] = mostTraders,
): Promise<Stored> {
  const keys = shardKeys(shard);
  const halves = productIds.flatMap((id) =>
    halfNames.map((name) => [`${id}:${name}`, bookKey(shard, id, name)] as const),
  );
  const [orders, products, frozen, counters, members, hashes] = await Promise.all([
    redis.hgetall(keys.orders),
    redis.hgetall(keys.products),
    redis.smembers(keys.frozen),
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
    frozen: frozen.map(Number).sort((a, b) => a - b),
    counters,
    halves: Object.fromEntries(filled),
    accounts: Object.fromEntries(accounts),
  };
}

/** What Redis should hold if it agrees with the naive exchange. */
export function storedFor(exchange: NaiveExchange, sequence: number, persisted: number): Stored {
  const { resting, waiting, products } = exchange;
  const orders = [...resting, ...waiting];
  const stopsOf = (id: string): number => waiting.filter(({ productId }) => productId === id).length;
  const counters = { sequence, matched: exchange.sequence, persisted };
  const numbers = [...products].flatMap(([id, p]) => [
    [`tradeId:${id}`, p.tradeId] as const,
    [`feed:${id}`, p.feed] as const,
    ...(p.last === null ? [] : [[`last:${id}`, p.last] as const]),
    ...(p.hadStops ? [[`stops:${id}`, stopsOf(id)] as const] : []),
  ]);
  return {
    orders: Object.fromEntries(orders.map((order) => [String(order.id), orderText(order)])),
    products: Object.fromEntries([...products].map(([id, p]) => [id, encodeProductRow(p)])),
    frozen: [...exchange.frozen].sort((a, b) => a - b),
    counters: textOf({ ...counters, ...Object.fromEntries(numbers) }),
    halves: { ...halvesOf(orders), ...expiriesOf(orders) },
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

const textOrNone = (amount: number | null): string =>
  amount === null || amount === Infinity ? '-' : String(amount);

function orderText(o: NaiveOrder): string {
  const post = o.postOnly ? 'post' : '-';
  const terms = [
    o.stop && `${o.stop}:${o.stopPrice}`,
    o.stop && o.funds < Infinity && `funds:${o.funds}`,
    o.expireTime !== null && `expire:${o.expireTime}`,
    o.turn !== null && `turn:${o.turn}`,
    o.rates.maker > 0 && `make:${o.rates.maker}`,
    o.rates.taker > 0 && `take:${o.rates.taker}`,
    overOf(o) > 0 && `over:${overOf(o)}`,
    o.maxFloor !== null && `floor:${o.maxFloor}`,
    o.stop === null && o.remaining > shownOf(o) && `hidden:${o.remaining - shownOf(o)}`,
  ].filter((term) => term);
  return [
    ...[
      o.traderId,
      textOrNone(o.stop ? o.remaining : shownOf(o)),
      o.productId,
      o.side,
      textOrNone(o.price),
      o.place,
    ],
    ...[textOrNone(o.size), o.selfTradePrevention, post],
    ...(terms.length > 0 ? [terms.join(',')] : []),
  ].join(' ');
}

const padded = (number: number, length: number): string => String(number).padStart(length, '0');

/** In which sorted set an order stands, and with which score. */
function standingOf({ stop, stopPrice, side, price }: NaiveOrder): readonly [half: string, score: number] {
  if (stop) return stop === 'loss' ? ['losses', -stopPrice!] : ['entries', stopPrice!];
  return side === 'buy' ? ['bids', -price!] : ['asks', price!];
}

function halvesOf(orders: readonly NaiveOrder[]): Record<string, string[]> {
  const halves: Record<string, string[]> = {};
  const score = (order: NaiveOrder): number => standingOf(order)[1];
  for (const order of [...orders].sort((a, b) => score(a) - score(b) || byPlace(a, b))) {
    const [half, at] = standingOf(order);
    const place = padded(order.place, 16);
    const turn = order.turn === null ? '' : `~${padded(order.turn, 6)}`;
    const member = turn === '' && order.place === order.id ? place : `${place}${turn}:${order.id}`;
    halves[`${order.productId}:${half}`] ??= [];
    halves[`${order.productId}:${half}`]!.push(member, String(at));
  }
  return halves;
}

function expiriesOf(orders: readonly NaiveOrder[]): Record<string, string[]> {
  const expiries: Record<string, string[]> = {};
  const expiring = orders.filter(({ expireTime }) => expireTime !== null);
  for (const order of expiring.sort((a, b) => a.expireTime! - b.expireTime! || a.id - b.id)) {
    const name = `${order.productId}:expiries`;
    expiries[name] ??= [];
    expiries[name].push(padded(order.id, 16), String(order.expireTime));
  }
  return expiries;
}
