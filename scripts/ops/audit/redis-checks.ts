// Is what Redis holds what it should hold?

import { heldFee } from '../../../core/fees.ts';
import type { Funding } from '../../../core/product.ts';
import { decodeCommand } from '../../../core/wire/commands.ts';
import {
  decodeResting,
  halfOf,
  memberOf,
  type RestingOrder,
  scoreOf,
} from '../../../core/wire/resting-orders.ts';
import type { Carried } from './carried.ts';
import { type Check, type Checks, compare, differs } from './checks.ts';
import type { RedisLook } from './redis-look.ts';

export function checkRedis(carried: Carried, look: RedisLook, checks: Checks): void {
  for (const text of carried.strange) differs(checks.orders, text);
  compareAll(checks.orders, {
    name: 'order',
    expected: carried.orders,
    found: look.orders,
  });
  compareAll(checks.accounts, { name: 'account', expected: carried.accounts, found: look.accounts });
  compareAll(checks.counters, { name: 'the number', expected: countersOf(carried), found: countersIn(look) });
  checkFrozen(carried, look, checks.frozen);
  checkBooks(carried, look, checks.books);
  checkCrossed(look, checks.crossed);
  checkMoney(look, checks);
}

type Compared = {
  readonly name: string;
  readonly expected: ReadonlyMap<string, string>;
  readonly found: ReadonlyMap<string, string>;
};

function compareAll(check: Check, { name, expected, found }: Compared): void {
  for (const [key, text] of expected)
    compare(check, `${name} ${key}`, { expected: text, found: found.get(key) ?? null });
  for (const [key, text] of found)
    if (!expected.has(key)) compare(check, `${name} ${key}`, { expected: null, found: text });
}

function checkFrozen(carried: Carried, look: RedisLook, check: Check): void {
  for (const trader of carried.frozen.union(look.frozen))
    compare(check, `trader ${trader}`, {
      expected: carried.frozen.has(trader) ? 'frozen' : null,
      found: look.frozen.has(trader) ? 'frozen' : null,
    });
}

/** Counters that are zero may be missing: a product that nothing was done with has none in PostgreSQL. */
function countersOf({ feeds }: Carried): Map<string, string> {
  const counters = [...feeds].flatMap(([id, { tradeId, feed }]) => [
    [`tradeId:${id}`, String(tradeId)] as const,
    [`feed:${id}`, String(feed)] as const,
  ]);
  return new Map(counters.filter(([, text]) => text !== '0'));
}

function countersIn({ state }: RedisLook): Map<string, string> {
  return new Map(
    Object.entries(state).filter(([name, text]) => /^(tradeId|feed):/.test(name) && text !== '0'),
  );
}

/** Sorted by price and then by place as numbers, which the sets must agree with although they sort places as text. */
function checkBooks({ orders }: Carried, { halves }: RedisLook, check: Check): void {
  const books = new Map<string, Resting[]>();
  for (const [id, text] of orders) {
    const order = decodeResting(text);
    const name = `${order.productId} ${halfOf(order)}`;
    if (!books.has(name)) books.set(name, []);
    books.get(name)!.push({ id: Number(id), order });
  }
  for (const name of new Set([...books.keys(), ...halves.keys()])) {
    const resting = books.get(name) ?? [];
    resting.sort((a, b) => scoreOf(a.order) - scoreOf(b.order) || byPlace(a.order, b.order));
    compareBook(check, { name, resting, members: halves.get(name)?.members ?? [] });
  }
}

function byPlace(a: RestingOrder, b: RestingOrder): number {
  return a.place - b.place || (a.turn ?? 0) - (b.turn ?? 0);
}

type Resting = { readonly id: number; readonly order: RestingOrder };
type BookCompared = {
  readonly name: string;
  readonly resting: readonly Resting[];
  /** Members and scores in turn. */
  readonly members: readonly string[];
};

/** Position for position; behind the first difference only what one has and the other lacks is told. */
function compareBook(check: Check, { name, resting, members }: BookCompared): void {
  check.looked += resting.length;
  const isSame = ({ id, order }: Resting, i: number): boolean =>
    members[2 * i] === memberOf(id, order.place, order.turn) && members[2 * i + 1] === String(scoreOf(order));
  if (members.length === 2 * resting.length && resting.every(isSame)) return;
  const expected = resting.map(
    ({ id, order }) => `${memberOf(id, order.place, order.turn)} at ${scoreOf(order)}`,
  );
  const found = members.flatMap((member, i) => (i % 2 === 0 ? `${member} at ${members[i + 1]}` : []));
  let at = 0;
  while (expected[at] === found[at]) at++;
  const [has, should] = [found[at] ?? 'nothing', expected[at] ?? 'nothing'];
  differs(check, `position ${at + 1} of ${name} holds ${has}, and should hold ${should}`);
  const [inBook, open] = [new Set(found), new Set(expected)];
  for (const text of expected) if (!inBook.has(text)) differs(check, `${name} lacks ${text}`);
  for (const text of found) if (!open.has(text)) differs(check, `${name} should not hold ${text}`);
}

/** Once its auction has ended by `online`; until then bids may stand above asks. */
function checkCrossed({ halves, products }: RedisLook, check: Check): void {
  for (const { productId, half, members } of halves.values()) {
    if (half !== 'bids' || !products[productId]?.startsWith('online ')) continue;
    check.looked++;
    const [bid, ask] = [members[1], halves.get(`${productId} asks`)?.members[1]];
    if (bid !== undefined && ask !== undefined && -Number(bid) >= Number(ask))
      differs(check, `the best bid for ${productId} is at ${-Number(bid)} ticks, the best ask at ${ask}`);
  }
}

/** Within Redis alone: holds against its orders, and the sums of its accounts. */
function checkMoney({ orders, products, accounts }: RedisLook, checks: Checks): void {
  const costs = costsOf(orders, products);
  const sums = new Map<string, bigint>();
  for (const [name, text] of accounts) {
    const [available, hold] = text.split(' available, ').map((part) => BigInt(Number.parseInt(part, 10)));
    const currency = name.split(' ')[1]!;
    sums.set(currency, (sums.get(currency) ?? 0n) + available! + hold!);
    checks.holds.looked++;
    const cost = costs.get(name) ?? 0n;
    costs.delete(name);
    if (hold !== cost)
      differs(
        checks.holds,
        `account ${name} has ${hold} on hold in Redis, and its open orders may cost ${cost}`,
      );
  }
  for (const [name, cost] of costs)
    differs(checks.holds, `account ${name} is missing in Redis, and its open orders may cost ${cost}`);
  for (const [currency, sum] of sums)
    if (sum !== 0n) differs(checks.currencies, `the accounts in ${currency} sum to ${sum} in Redis`);
}

function costsOf(orders: RedisLook['orders'], products: RedisLook['products']): Map<string, bigint> {
  const fundings = new Map(Object.entries(products).map(([id, row]) => [id, fundingIn(id, row)]));
  const costs = new Map<string, bigint>();
  for (const text of orders.values()) {
    const order = decodeResting(text);
    const { traderId, productId, side, price } = order;
    const funding = fundings.get(productId);
    if (!funding) continue;
    const [currency, units] =
      side === 'buy'
        ? [funding.quoteCurrency, BigInt(price ?? 1) * BigInt(funding.quoteUnits)]
        : [funding.baseCurrency, BigInt(funding.baseUnits)];
    const name = `${traderId} ${currency}`;
    const cost = lotsOf(order) * units;
    const fee = side === 'buy' && price !== null ? heldFee(order, cost, order.stop !== null) : 0n;
    costs.set(name, (costs.get(name) ?? 0n) + cost + fee);
  }
  return costs;
}

/** Of a stop order by market that buys, its funds, a unit each. */
function lotsOf({
  price,
  remaining,
  hidden,
  funds,
  side,
}: Pick<RestingOrder, 'price' | 'remaining' | 'hidden' | 'funds' | 'side'>): bigint {
  return BigInt((price === null && side === 'buy' ? funds : remaining) ?? 0) + BigInt(hidden ?? 0);
}

function fundingIn(productId: string, row: string): Funding | null {
  const command = decodeCommand(`product ${productId} ${row} 0 -`);
  return command.kind === 'product' ? command.funding : null;
}
