import { type DoneReason, stops, type TimeInForce } from '../../core/order.ts';
import type { ProductStatus } from '../../core/product.ts';
import { type RejectReason, rejectReasons } from '../../core/reject-reasons.ts';
import type { Amend, Cancel, Command, Freeze, Place, ProductChange, Time } from '../../core/wire/commands.ts';
import { type BookEvent, feedNumbers, type Report } from '../../core/wire/reports.ts';
import {
  accountStates,
  canHold,
  canMove,
  costOf,
  holdChanged,
  holdOf,
  moveMoney,
  newNaiveAccounts,
} from './naive-accounts.ts';
import { auctionOf, uncross } from './naive-auction.ts';
import { followersOf, judgeBatch, reasonInBatch } from './naive-batch.ts';
import { isBeyondCollar } from './naive-collar.ts';
import type { NaiveExchange, NaiveFees, NaiveOrder } from './naive-exchange.ts';
import { ratesFor, valueWithin } from './naive-fees.ts';
import {
  change,
  crossing,
  done,
  finite,
  leftOf,
  missOf,
  paidIn,
  remove,
  type Step,
  trade,
  turnOf,
} from './naive-trading.ts';

export function newNaiveExchange(from = 0): NaiveExchange {
  return {
    sequence: from,
    products: new Map(),
    resting: [],
    waiting: [],
    frozen: new Set(),
    accounts: newNaiveAccounts(),
    batch: null,
  };
}

/** Applies the next commands, in order, and says what became of each. */
export function applyAllNaively(exchange: NaiveExchange, commands: readonly Command[]): Report[] {
  return commands.map((command, i) => applyNaively(exchange, command, followersOf(commands, i)));
}

/** Applies the next command and says what became of it. That of a batch must know the orders that follow. */
export function applyNaively(
  exchange: NaiveExchange,
  command: Command,
  orders: readonly Command[] = [],
): Report {
  exchange.sequence++;
  exchange.accounts.moved.clear();
  const { sequence } = exchange;
  if (command.kind === 'batch')
    exchange.batch = judgeBatch(exchange, command, { orders, ...singly(exchange) });
  const inBatch = reasonInBatch(exchange, command);
  const rejectReason = inBatch === undefined ? refusalOf(exchange, command) : inBatch;
  const done = rejectReason ? nothing : apply(exchange, command);
  return {
    sequence,
    command,
    rejectReason,
    ...done,
    accounts: accountStates(exchange, exchange.accounts.moved),
  };
}

function refusalOf(exchange: NaiveExchange, command: Command): RejectReason | null {
  return rejectReasons.find((reason) => refusals[reason](exchange, command)) ?? null;
}

const singly = (exchange: NaiveExchange) => ({
  isRefusedFor: (reason: RejectReason, place: Place) => refusals[reason](exchange, place),
  incoming: (place: Place) => incoming(exchange, place),
});

type Done = Pick<Report, 'productId' | 'feedSequence' | 'events'>;
const nothing: Done = { productId: null, feedSequence: 0, events: [] };

function apply(exchange: NaiveExchange, command: Command): Done {
  if (command.kind === 'product') return announce(exchange, command);
  if (isFreeze(command)) setFrozen(exchange, command);
  else if ('transferId' in command) moveMoney(exchange, command);
  else if (command.kind !== 'batch') return applyToBook(exchange, command);
  return nothing;
}

function applyToBook(exchange: NaiveExchange, command: OfBook): Done {
  const productId = productIdOf(exchange, command)!;
  const product = exchange.products.get(productId)!;
  const feedSequence = product.feed;
  const step: Step = { exchange, productId, product, events: [] };
  if (command.kind === 'cancel') end(step, command.orderId, 'canceled');
  else if (command.kind === 'time') expire(step, command);
  else if (command.kind === 'product') uncross(step);
  else enter(step, command);
  cascade(step, command);
  const { events } = step;
  product.feed += feedNumbers({
    sequence: 0,
    command,
    rejectReason: null,
    productId,
    feedSequence,
    events,
    accounts: [],
  });
  return { productId, feedSequence, events };
}

type OfBook = Place | Cancel | Amend | Time | ProductChange;

const refusals: Record<RejectReason, (exchange: NaiveExchange, command: Command) => boolean> = {
  order_not_resting: (exchange, c) => (c.kind === 'cancel' || c.kind === 'amend') && !target(exchange, c),
  product_not_found: (exchange, c) =>
    (c.kind === 'place' || c.kind === 'time') && !exchange.products.has(c.productId),
  offline: (exchange, c) => (enters(c) || c.kind === 'cancel') && statusFor(exchange, c) === 'offline',
  cancel_only: (exchange, c) => enters(c) && statusFor(exchange, c) === 'cancel_only',
  trader_frozen: (exchange, c) => enters(c) && exchange.frozen.has(c.traderId),
  not_amendable: (exchange, c) => {
    if (c.kind !== 'amend') return false;
    const order = target(exchange, c)!;
    const lacksPrice = c.price !== null && order.price === null;
    const lacksSize = c.size !== null && order.size === Infinity;
    const lacksExpiry = c.expireTime !== null && order.expireTime === null;
    return lacksPrice || lacksSize || lacksExpiry || (c.stopPrice !== null && order.stop === null);
  },
  stop_unbounded: (exchange, c) => {
    if (c.kind !== 'place' || c.stop === null || c.price !== null) return false;
    if (!exchange.products.get(c.productId)!.funding) return false;
    return c.side === 'buy' ? c.funds === null : c.size === null;
  },
  size_filled: (exchange, c) => c.kind === 'amend' && incoming(exchange, c).remaining <= 0,
  too_large: (exchange, c) => {
    if (c.kind !== 'amend') return false;
    const { price, size, remaining, maxFloor } = incoming(exchange, c);
    if (maxFloor !== null && remaining > 100 * maxFloor) return true;
    return price !== null && BigInt(price) * BigInt(size) > BigInt(Number.MAX_SAFE_INTEGER);
  },
  auction: (exchange, c) => {
    if (!enters(c) || statusFor(exchange, c) !== 'auction') return false;
    if (c.kind === 'amend') return target(exchange, c)!.postOnly && !keepsPlace(exchange, c);
    const canWait = c.price !== null && (c.timeInForce === 'GTC' || c.timeInForce === 'GTT') && !c.postOnly;
    return c.stop === null && !canWait;
  },
  price_collar: (exchange, c) => {
    if (!enters(c) || (c.kind === 'amend' && keepsPlace(exchange, c))) return false;
    const order = incoming(exchange, c);
    return order.stop === null && order.price !== null && isBeyondCollar(exchange, order, order.price);
  },
  post_only: (exchange, c) => {
    if (!enters(c) || (c.kind === 'amend' && keepsPlace(exchange, c))) return false;
    const order = incoming(exchange, c);
    return order.postOnly && crossing(exchange, order).length > 0;
  },
  insufficient_funds: (exchange, c) => {
    if ('transferId' in c) return !canMove(exchange, c);
    if (!enters(c) || (c.kind === 'amend' && keepsPlace(exchange, c))) return false;
    return !canHold(exchange, incoming(exchange, c), needOf(exchange, c), broughtBy(exchange, c));
  },
  all_or_none: () => false,
};

function enters(command: Command): command is Place | Amend {
  return command.kind === 'place' || command.kind === 'amend';
}

function announce(exchange: NaiveExchange, command: ProductChange): Done {
  const { productId, status, version, funding, rules } = command;
  const product = exchange.products.get(productId) ?? { tradeId: 0, feed: 0, last: null, hadStops: false };
  exchange.products.set(productId, { ...product, status, version, funding, rules });
  const isCrossed = auctionOf(exchange, productId) !== null;
  return status === 'online' && isCrossed ? applyToBook(exchange, command) : nothing;
}

function isFreeze(command: Command): command is Freeze {
  return command.kind === 'freeze' || command.kind === 'unfreeze';
}

function setFrozen({ frozen }: NaiveExchange, { kind, traderId }: Freeze): void {
  if (kind === 'freeze') frozen.add(traderId);
  else frozen.delete(traderId);
}

/** The resting order that a cancel or amend means, if the caller may touch it. */
function target(exchange: NaiveExchange, command: Cancel | Amend): NaiveOrder | undefined {
  const orders = [...exchange.resting, ...exchange.waiting];
  const order = orders.find((o) => o.id === command.orderId && o.traderId === command.traderId);
  const named = command.kind === 'cancel' ? command.productId : null;
  return named === null || named === order?.productId ? order : undefined;
}

function productIdOf(exchange: NaiveExchange, command: OfBook): string | undefined {
  return command.kind === 'place' || command.kind === 'time' || command.kind === 'product'
    ? command.productId
    : target(exchange, command)?.productId;
}

function statusFor(exchange: NaiveExchange, command: Place | Cancel | Amend): ProductStatus | undefined {
  return exchange.products.get(productIdOf(exchange, command) ?? '')?.status;
}

/** The order as it comes in: a new one, or a resting one with its new price and size. */
function incoming(exchange: NaiveExchange, command: Place | Amend): NaiveOrder {
  const place = exchange.sequence;
  if (command.kind === 'place') {
    const size = command.size ?? Infinity;
    const room = command.size ?? exchange.products.get(command.productId)?.rules.maxSize ?? Infinity;
    const mayRest = command.price !== null && command.timeInForce !== 'IOC' && command.timeInForce !== 'FOK';
    const fees = { ...ratesFor(exchange, { ...command, mayRest }), owed: 0n };
    const funds = command.funds ?? Infinity;
    const order = {
      ...command,
      id: place,
      place,
      turn: null,
      tip: 0,
      size,
      remaining: size,
      funds,
      room,
      ...fees,
    };
    return command.stop === null ? withinFunds(exchange, order) : order;
  }
  const order = target(exchange, command)!;
  const [price, size] = [command.price ?? order.price, command.size ?? order.size];
  const stopPrice = command.stopPrice ?? order.stopPrice;
  const expireTime = command.expireTime ?? order.expireTime;
  const remaining = size === Infinity ? size : size - (order.size - order.remaining);
  const room = order.price === null ? Math.min(order.room, remaining) : remaining;
  const fees = ratesFor(exchange, { ...order, mayRest: price !== null });
  return {
    ...order,
    place,
    turn: null,
    tip: 0,
    price,
    size,
    remaining,
    room,
    stopPrice,
    expireTime,
    ...fees,
  };
}

/** The funds of a market buy are for its fee as well. */
function withinFunds(exchange: NaiveExchange, order: NaiveOrder): NaiveOrder {
  const { productId, price, side, rates, funds } = order;
  if (price !== null || side === 'sell' || funds === Infinity) return order;
  return { ...order, funds: valueWithin(exchange, productId, funds, rates.taker) };
}

function keepsPlace(exchange: NaiveExchange, command: Amend): boolean {
  const order = target(exchange, command)!;
  if (order.stop !== null) return false;
  return (command.price ?? order.price) === order.price && (command.size ?? order.size) <= order.size;
}

/** What an order holds when it comes in: what its sender says it may cost, or what it would pay if it traded now. */
function needOf(exchange: NaiveExchange, command: Place | Amend): bigint {
  const order = incoming(exchange, command);
  if (order.price !== null || order.stop !== null) return holdOf(exchange, order);
  if (order.side === 'buy' && command.kind === 'place' && command.funds !== null)
    return costOf(exchange, order, 1, command.funds);
  if (order.side === 'sell' && order.funds === Infinity) return holdOf(exchange, order);
  const copy = structuredClone(exchange);
  const product = copy.products.get(order.productId)!;
  const step: Step = { exchange: copy, productId: order.productId, product, events: [] };
  trade(step, order);
  return paidIn(step, order);
}

/** What an amended order held before. */
function broughtBy(exchange: NaiveExchange, command: Place | Amend): bigint {
  return command.kind === 'place' ? 0n : holdOf(exchange, target(exchange, command)!);
}

/** Ends an order that rests or waits. */
function end({ exchange, events }: Step, orderId: number, reason: DoneReason): void {
  const order = [...exchange.resting, ...exchange.waiting].find((o) => o.id === orderId)!;
  remove(exchange, orderId);
  holdChanged(exchange, order);
  if (order.stop === null) events.push(done(order, reason));
  else events.push({ kind: 'leave', orderId, reason, remaining: finite(order.remaining) });
}

/** As many as a command may meet makers, those first whose time came first. */
function expire(step: Step, { productId, until }: Time): void {
  const orders = [...step.exchange.resting, ...step.exchange.waiting]
    .filter((order) => order.productId === productId && (order.expireTime ?? Infinity) <= until)
    .sort((a, b) => a.expireTime! - b.expireTime! || a.id - b.id)
    .slice(0, step.product.rules.maxMakers ?? Infinity);
  for (const { id } of orders) end(step, id, 'expired');
}

function enter(step: Step, command: Place | Amend): void {
  const { exchange, product, events } = step;
  if (command.kind === 'amend' && keepsPlace(exchange, command)) {
    events.push(resize(exchange, command));
    return;
  }
  const order = incoming(exchange, command);
  const before = command.kind === 'amend' ? target(exchange, command)!.rates : null;
  const need = needOf(exchange, command);
  if (need !== broughtBy(exchange, command)) holdChanged(exchange, order);
  remove(exchange, order.id);
  if (order.stop !== null) {
    const isMet = product.status !== 'auction' && product.last !== null && meets(order, product.last);
    if (isMet) {
      activate(step, order);
      return;
    }
    product.hadStops = true;
    exchange.waiting.push(order);
    const size = order.size === Infinity ? null : order.size;
    const wait = { orderId: order.id, price: order.price, size, stopPrice: order.stopPrice! };
    events.push({ kind: 'wait', ...wait, ...ratesToSay(order, before) });
    return;
  }
  if (command.kind === 'amend') events.push(change(order, 'amend', false));
  come(step, order, { timeInForce: command.kind === 'amend' ? 'GTC' : command.timeInForce, need, before });
}

type Coming = {
  readonly timeInForce: TimeInForce;
  readonly need: bigint;
  /** The rates that it kept until now. */
  readonly before: NaiveFees['rates'] | null;
};

/** Rates are told if it has any, or had. */
function ratesToSay({ rates }: NaiveOrder, before: Coming['before']): { rates?: NaiveFees['rates'] } {
  const has = [rates, before].some((some) => some && (some.maker > 0 || some.taker > 0));
  return has ? { rates } : {};
}

/** An order comes in, and what it does not trade rests or is done. */
function come(step: Step, order: NaiveOrder, { timeInForce, need, before }: Coming): void {
  const { exchange, events } = step;
  const ended = tradeUnder(timeInForce, step, order);
  order.worstRate = order.rates.maker;
  if (need - paidIn(step, order) > (ended ? 0n : holdOf(exchange, order))) holdChanged(exchange, order);
  if (ended) {
    events.push(done(order, ended));
    return;
  }
  exchange.resting.push(order);
  if (order.maxFloor !== null) order.tip = Math.min(order.maxFloor, order.remaining);
  events.push({ kind: 'open', orderId: order.id, ...leftOf(order), ...ratesToSay(order, before) });
}

function meets({ stop, stopPrice }: NaiveOrder, price: number): boolean {
  return stop === 'loss' ? price <= stopPrice! : price >= stopPrice!;
}

/** A stop order comes in: from now on it is an order like any other, with a place of its own. */
function activate(step: Step, waiting: NaiveOrder): void {
  const { exchange, events } = step;
  const turn = turnOf(step);
  const { id: orderId, traderId, side, price, stop, stopPrice } = waiting;
  const [size, funds] = [waiting.size, waiting.funds].map((amount) => (amount === Infinity ? null : amount));
  events.push({
    ...{ kind: 'activate', orderId, traderId, side, price, size: size!, funds: funds! },
    ...{ stop: stop!, stopPrice: stopPrice! },
    ...(waiting.maxFloor === null ? {} : { maxFloor: waiting.maxFloor }),
  });
  const need = holdOf(exchange, waiting);
  remove(exchange, orderId);
  const room = Math.min(
    waiting.size,
    waiting.size < Infinity ? Infinity : (step.product.rules.maxSize ?? Infinity),
  );
  const order = { ...waiting, stop: null, stopPrice: null, place: exchange.sequence, turn, room };
  const before = waiting.rates;
  come(step, withinFunds(exchange, order), { timeInForce: price === null ? 'IOC' : 'GTC', need, before });
}

/** Triggers the stop orders that trades have met, those of the first trade first, and then those that their trades meet. */
function cascade(step: Step, command: OfBook): void {
  const { exchange, product, events } = step;
  const met: NaiveOrder[] = [];
  const meetAll = (price: number): void => {
    for (const stop of stops) {
      const found = exchange.waiting
        .filter((order) => order.productId === step.productId && order.stop === stop && !met.includes(order))
        .filter((order) => meets(order, price))
        .sort((a, b) => (a.stopPrice! - b.stopPrice!) * (stop === 'loss' ? -1 : 1) || a.place - b.place);
      met.push(...found);
    }
  };
  const before = pricesBefore(step, command);
  if (!before) return;
  before.forEach(meetAll);
  for (let at = 0; at < events.length || met.length > 0; ) {
    const event = events[at];
    if (event?.kind === 'match') meetAll(event.price);
    if (event) at++;
    else activate(step, met.shift()!);
  }
  product.last = lastPrice(events) ?? product.last;
}

/** Of an order of a batch, the prices of the trades before its own. Null if stop orders wait for a later one. */
function pricesBefore({ exchange, productId, product, events }: Step, command: OfBook): number[] | null {
  const { batch, sequence } = exchange;
  const isOrder = command.kind === 'place' || command.kind === 'time';
  if (!batch || !isOrder || batch.isRefused || sequence > batch.until) return [];
  const before = batch.prices.get(productId) ?? [];
  if (sequence === batch.lastOf.get(productId)) return before;
  const prices = events.flatMap((event) => (event.kind === 'match' ? [event.price] : []));
  batch.prices.set(productId, [...before, ...prices]);
  product.last = lastPrice(events) ?? product.last;
  return null;
}

function lastPrice(events: readonly BookEvent[]): number | undefined {
  return events.findLast((event) => event.kind === 'match')?.price;
}

/** An amend that keeps its place. */
function resize(exchange: NaiveExchange, command: Amend): BookEvent {
  const order = target(exchange, command)!;
  const { size, remaining, expireTime } = incoming(exchange, command);
  if (size < order.size) holdChanged(exchange, order);
  Object.assign(order, { size, remaining, expireTime, tip: Math.min(order.tip, remaining) });
  return change(order, 'amend', true);
}

/** Returns why the order is done, or null if it rests. */
function tradeUnder(timeInForce: TimeInForce, step: Step, order: NaiveOrder): DoneReason | null {
  if (step.product.status === 'auction') return null;
  const miss = timeInForce === 'FOK' ? missOf(step.exchange, order) : null;
  if (miss) return miss;
  return trade(step, order) ?? (timeInForce === 'GTC' || timeInForce === 'GTT' ? null : 'time_in_force');
}
