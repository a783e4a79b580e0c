import type { DoneReason, TimeInForce } from '../../core/order.ts';
import type { ProductStatus } from '../../core/product.ts';
import { type RejectReason, rejectReasons } from '../../core/reject-reasons.ts';
import type { Amend, Cancel, Command, Place, ProductChange } from '../../core/wire/commands.ts';
import type { BookEvent, Report } from '../../core/wire/reports.ts';
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
import type { NaiveExchange, NaiveOrder, NaiveProduct } from './naive-exchange.ts';
import { change, crossing, done, missOf, paidIn, remove, type Step, trade } from './naive-trading.ts';

export function newNaiveExchange(from = 0): NaiveExchange {
  return { sequence: from, products: new Map(), resting: [], accounts: newNaiveAccounts() };
}

/** Applies the next command and says what became of it. */
export function applyNaively(exchange: NaiveExchange, command: Command): Report {
  exchange.sequence++;
  exchange.accounts.moved.clear();
  const { sequence } = exchange;
  const rejectReason = rejectReasons.find((reason) => refusals[reason](exchange, command)) ?? null;
  const done = rejectReason ? nothing : apply(exchange, command);
  return {
    sequence,
    command,
    rejectReason,
    ...done,
    accounts: accountStates(exchange, exchange.accounts.moved),
  };
}

type Done = Pick<Report, 'productId' | 'feedSequence' | 'events'>;
const nothing: Done = { productId: null, feedSequence: 0, events: [] };

function apply(exchange: NaiveExchange, command: Command): Done {
  if (command.kind === 'product') announce(exchange, command);
  else if ('transferId' in command) moveMoney(exchange, command);
  else return applyToBook(exchange, command);
  return nothing;
}

function applyToBook(exchange: NaiveExchange, command: Place | Cancel | Amend): Done {
  const productId = productIdOf(exchange, command)!;
  const product = exchange.products.get(productId)!;
  const feedSequence = product.feed;
  const cancels = command.kind === 'cancel';
  const events = cancels ? cancel(exchange, command.orderId) : enter(exchange, product, command);
  product.feed += events.length + (command.kind === 'place' ? 1 : 0);
  return { productId, feedSequence, events };
}

const refusals: Record<RejectReason, (exchange: NaiveExchange, command: Command) => boolean> = {
  order_not_resting: (exchange, c) => (c.kind === 'cancel' || c.kind === 'amend') && !target(exchange, c),
  product_not_found: (exchange, c) => c.kind === 'place' && !exchange.products.has(c.productId),
  offline: (exchange, c) => (enters(c) || c.kind === 'cancel') && statusFor(exchange, c) === 'offline',
  cancel_only: (exchange, c) => enters(c) && statusFor(exchange, c) === 'cancel_only',
  size_filled: (exchange, c) => c.kind === 'amend' && incoming(exchange, c).remaining <= 0,
  too_large: (exchange, c) => {
    if (c.kind !== 'amend') return false;
    const { price, size } = incoming(exchange, c);
    return BigInt(price!) * BigInt(size) > BigInt(Number.MAX_SAFE_INTEGER);
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
};

function enters(command: Command): command is Place | Amend {
  return command.kind === 'place' || command.kind === 'amend';
}

function announce(exchange: NaiveExchange, command: ProductChange): void {
  const { productId, status, version, funding, rules } = command;
  const product = exchange.products.get(productId) ?? { tradeId: 0, feed: 0 };
  exchange.products.set(productId, { ...product, status, version, funding, rules });
}

/** The resting order that a cancel or amend means, if the caller may touch it. */
function target(exchange: NaiveExchange, command: Cancel | Amend): NaiveOrder | undefined {
  const order = exchange.resting.find((o) => o.id === command.orderId && o.traderId === command.traderId);
  const named = command.kind === 'cancel' ? command.productId : null;
  return named === null || named === order?.productId ? order : undefined;
}

function productIdOf(exchange: NaiveExchange, command: Place | Cancel | Amend): string | undefined {
  return command.kind === 'place' ? command.productId : target(exchange, command)?.productId;
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
    return { ...command, id: place, place, size, remaining: size, funds: command.funds ?? Infinity, room };
  }
  const order = target(exchange, command)!;
  const [price, size] = [command.price ?? order.price, command.size ?? order.size];
  const remaining = size - (order.size - order.remaining);
  return { ...order, place, price, size, remaining, room: remaining };
}

function keepsPlace(exchange: NaiveExchange, command: Amend): boolean {
  const order = target(exchange, command)!;
  return (command.price ?? order.price) === order.price && (command.size ?? order.size) <= order.size;
}

/** What an order holds when it comes in: what its sender says it may cost, or what it would pay if it traded now. */
function needOf(exchange: NaiveExchange, command: Place | Amend): bigint {
  const order = incoming(exchange, command);
  if (order.price !== null) return holdOf(exchange, order);
  if (order.side === 'buy' && order.funds < Infinity) return costOf(exchange, order, 1, order.funds);
  if (order.side === 'sell' && order.funds === Infinity) return costOf(exchange, order, 1, order.size);
  const copy = structuredClone(exchange);
  const product = copy.products.get(order.productId)!;
  const step: Step = { exchange: copy, product, events: [] };
  trade(step, order);
  return paidIn(step, order);
}

/** What an amended order held before. */
function broughtBy(exchange: NaiveExchange, command: Place | Amend): bigint {
  return command.kind === 'place' ? 0n : holdOf(exchange, target(exchange, command)!);
}

function cancel(exchange: NaiveExchange, orderId: number): BookEvent[] {
  const order = exchange.resting.find((o) => o.id === orderId)!;
  remove(exchange, orderId);
  holdChanged(exchange, order);
  return [done(order, 'canceled')];
}

function enter(exchange: NaiveExchange, product: NaiveProduct, command: Place | Amend): BookEvent[] {
  if (command.kind === 'amend' && keepsPlace(exchange, command)) return [resize(exchange, command)];
  const order = incoming(exchange, command);
  const need = needOf(exchange, command);
  if (need !== broughtBy(exchange, command)) holdChanged(exchange, order);
  remove(exchange, order.id);
  const events = command.kind === 'amend' ? [change(order, 'amend', false)] : [];
  const step: Step = { exchange, product, events };
  const ended = tradeUnder(command.kind === 'amend' ? 'GTC' : command.timeInForce, step, order);
  if (need - paidIn(step, order) > (ended ? 0n : holdOf(exchange, order))) holdChanged(exchange, order);
  if (ended) return [...events, done(order, ended)];
  exchange.resting.push(order);
  return [...events, { kind: 'open', orderId: order.id, remaining: order.remaining }];
}

/** An amend that keeps its place. */
function resize(exchange: NaiveExchange, command: Amend): BookEvent {
  const order = target(exchange, command)!;
  const { size, remaining } = incoming(exchange, command);
  if (size < order.size) holdChanged(exchange, order);
  Object.assign(order, { size, remaining });
  return change(order, 'amend', true);
}

/** Returns why the order is done, or null if it rests. */
function tradeUnder(timeInForce: TimeInForce, step: Step, order: NaiveOrder): DoneReason | null {
  const miss = timeInForce === 'FOK' ? missOf(step.exchange, order) : null;
  if (miss) return miss;
  return trade(step, order) ?? (timeInForce === 'GTC' ? null : 'time_in_force');
}
