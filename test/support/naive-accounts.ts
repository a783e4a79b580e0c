import type { Deposit, Transfer, Withdraw } from '../../core/wire/commands.ts';
import type { AccountState, Fee } from '../../core/wire/reports.ts';
import type { NaiveAccounts, NaiveExchange, NaiveOrder } from './naive-exchange.ts';
import { feeFor, owe } from './naive-fees.ts';

type Movement = Deposit | Withdraw | Transfer;
type Order = Pick<
  NaiveOrder,
  'traderId' | 'productId' | 'side' | 'price' | 'remaining' | 'funds' | 'worstRate' | 'owed'
>;

const system = 0;
const fees = -1;
const most = BigInt(Number.MAX_SAFE_INTEGER);

export function newNaiveAccounts(): NaiveAccounts {
  return { balances: new Map(), moved: new Set() };
}

function nameOf(traderId: number, currency: string): string {
  return `${traderId} ${currency}`;
}

function mark({ accounts }: NaiveExchange, name: string): void {
  accounts.moved.add(name);
  add(accounts, name, 0n);
}

function add({ balances }: NaiveAccounts, name: string, amount: bigint): void {
  balances.set(name, (balances.get(name) ?? 0n) + amount);
}

/** What an order would pay for so many lots at a price. Nothing, if its product is not funded. */
export function costOf({ products }: NaiveExchange, order: Order, price: number, lots: number): bigint {
  const funding = products.get(order.productId)!.funding;
  if (!funding) return 0n;
  if (order.side === 'sell') return BigInt(lots) * BigInt(funding.baseUnits);
  return BigInt(lots) * BigInt(price) * BigInt(funding.quoteUnits);
}

/** What an order holds as long as it rests, or waits: what its sender says that it may cost. */
export function holdOf(exchange: NaiveExchange, order: Order): bigint {
  if (!exchange.products.get(order.productId)!.funding) return 0n;
  if (order.price === null && order.side === 'buy') return costOf(exchange, order, 1, order.funds);
  if (order.price === null) return costOf(exchange, order, 1, order.remaining);
  const cost = costOf(exchange, order, order.price!, order.remaining);
  return order.side === 'buy' ? cost + feeFor(order, cost, order.worstRate) : cost;
}

/** The account that an order pays from; null if its product is not funded. */
export function payingAccount(
  { products }: NaiveExchange,
  { traderId, productId, side }: Order,
): string | null {
  const funding = products.get(productId)!.funding;
  return funding && nameOf(traderId, side === 'buy' ? funding.quoteCurrency : funding.baseCurrency);
}

/** Notes that the hold of an order has changed. */
export function holdChanged(exchange: NaiveExchange, order: Order): void {
  const account = payingAccount(exchange, order);
  if (account) mark(exchange, account);
}

/** What is on hold, by account. */
function holds(exchange: NaiveExchange): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const order of [...exchange.resting, ...exchange.waiting]) {
    const account = payingAccount(exchange, order);
    if (account) sums.set(account, (sums.get(account) ?? 0n) + holdOf(exchange, order));
  }
  return sums;
}

function available(exchange: NaiveExchange, name: string): bigint {
  return (exchange.accounts.balances.get(name) ?? 0n) - (holds(exchange).get(name) ?? 0n);
}

/** Whether the trader of an order can put so much on hold, given what the order held before it was amended. */
export function canHold(exchange: NaiveExchange, order: Order, need: bigint, brought: bigint): boolean {
  const account = payingAccount(exchange, order);
  return account === null || available(exchange, account) + brought >= need;
}

/** A trade: quote from the buyer to the seller, base from the seller to the buyer. */
export function payTrade(exchange: NaiveExchange, taker: NaiveOrder, maker: NaiveOrder, size: number): void {
  const funding = exchange.products.get(taker.productId)!.funding;
  if (!funding) return;
  const [buyer, seller] = taker.side === 'buy' ? [taker, maker] : [maker, taker];
  const { baseCurrency, quoteCurrency } = funding;
  const value = costOf(exchange, buyer, maker.price!, size);
  const goods = costOf(exchange, seller, maker.price!, size);
  const movements = [
    [buyer, quoteCurrency, -value],
    [seller, quoteCurrency, value],
    [seller, baseCurrency, -goods],
    [buyer, baseCurrency, goods],
  ] as const;
  for (const [{ traderId }, currency, amount] of movements) {
    mark(exchange, nameOf(traderId, currency));
    add(exchange.accounts, nameOf(traderId, currency), amount);
  }
}

/** The fees of a trade that was paid: each side's go to the account of all fees. Nothing if neither has a rate. */
export function chargeTrade(
  exchange: NaiveExchange,
  taker: NaiveOrder,
  maker: NaiveOrder,
  size: number,
): { makerFee?: Fee; takerFee?: Fee } {
  return charge(
    exchange,
    [taker, taker.rates.taker],
    [maker, maker.rates.maker],
    BigInt(size) * BigInt(maker.price!),
  );
}

/** Both have rested, so both pay their maker rate. */
export function chargeUncrossed(
  exchange: NaiveExchange,
  taker: NaiveOrder,
  maker: NaiveOrder,
  value: number,
): { makerFee?: Fee; takerFee?: Fee } {
  return charge(exchange, [taker, taker.rates.maker], [maker, maker.rates.maker], BigInt(value));
}

type Charged = readonly [NaiveOrder, rate: number];

function charge(
  exchange: NaiveExchange,
  [taker, takerRate]: Charged,
  [maker, makerRate]: Charged,
  quotes: bigint,
): { makerFee?: Fee; takerFee?: Fee } {
  if (makerRate === 0 && takerRate === 0) return {};
  const { quoteCurrency, quoteUnits } = exchange.products.get(taker.productId)!.funding!;
  const value = quotes * BigInt(quoteUnits);
  const makerFee = owe(maker, value, makerRate);
  const takerFee = owe(taker, value, takerRate);
  for (const [{ traderId }, { units }] of [
    [maker, makerFee],
    [taker, takerFee],
  ] as const) {
    if (units === 0) continue;
    mark(exchange, nameOf(traderId, quoteCurrency));
    mark(exchange, nameOf(fees, quoteCurrency));
    add(exchange.accounts, nameOf(traderId, quoteCurrency), -BigInt(units));
    add(exchange.accounts, nameOf(fees, quoteCurrency), BigInt(units));
  }
  return { makerFee, takerFee };
}

/** From whom and to whom money goes. */
function partiesOf(command: Movement): [from: string, to: string] {
  const { kind, traderId, currency } = command;
  if (kind === 'deposit') return [nameOf(system, currency), nameOf(traderId, currency)];
  return [nameOf(traderId, currency), nameOf(kind === 'withdraw' ? system : command.toTraderId, currency)];
}

export function canMove(exchange: NaiveExchange, command: Movement): boolean {
  const [from] = partiesOf(command);
  const least = from === nameOf(system, command.currency) ? -most : 0n;
  return available(exchange, from) - BigInt(command.amount) >= least;
}

export function moveMoney(exchange: NaiveExchange, command: Movement): void {
  const [from, to] = partiesOf(command);
  mark(exchange, from);
  mark(exchange, to);
  add(exchange.accounts, from, -BigInt(command.amount));
  add(exchange.accounts, to, BigInt(command.amount));
}

/** The accounts of these names as they are now. */
export function accountStates(exchange: NaiveExchange, names: Iterable<string>): AccountState[] {
  const held = holds(exchange);
  return [...names].map((name) => {
    const [traderId, currency] = name.split(' ') as [string, string];
    const hold = held.get(name) ?? 0n;
    const balance = exchange.accounts.balances.get(name)!;
    return { traderId: Number(traderId), currency, available: Number(balance - hold), hold: Number(hold) };
  });
}
