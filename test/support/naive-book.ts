import type { Amend, Cancel, Command, Place, ProductChange } from '../../core/commands.ts';
import type { DoneReason } from '../../core/order.ts';
import type { ProductStatus } from '../../core/product.ts';
import { type RejectReason, rejectReasons } from '../../core/reject-reasons.ts';
import type { BookEvent, Report } from '../../core/reports.ts';

/** The matching rules once more, in the most obvious way: every resting order in one array, sorted anew for each step. */
export type NaiveExchange = { sequence: number; products: Map<string, NaiveProduct>; resting: NaiveOrder[] };
type NaiveProduct = { status: ProductStatus; version: number; tradeId: number; feed: number };

/** What is not limited is Infinity: the size of a market order by funds, the funds of any other order. */
type Given = 'traderId' | 'productId' | 'side' | 'price' | 'selfTradePrevention' | 'postOnly';
type Amounts = { size: number; remaining: number; funds: number };
export type NaiveOrder = Pick<Place, Given> & { readonly id: number; readonly place: number } & Amounts;

export function newNaiveExchange(from = 0): NaiveExchange {
  return { sequence: from, products: new Map(), resting: [] };
}

/** Applies the next command and says what became of it. */
export function applyNaively(exchange: NaiveExchange, command: Command): Report {
  exchange.sequence++;
  const sequence = exchange.sequence;
  const rejectReason = rejectReasons.find((reason) => refusals[reason](exchange, command)) ?? null;
  if (command.kind === 'product') announce(exchange, command);
  if (rejectReason || command.kind === 'product')
    return { sequence, command, rejectReason, productId: null, feedSequence: 0, events: [] };
  const productId = productIdOf(exchange, command)!;
  const product = exchange.products.get(productId)!;
  const feedSequence = product.feed;
  const cancels = command.kind === 'cancel';
  const events = cancels ? cancel(exchange, command.orderId) : enter(exchange, product, command);
  product.feed += events.length + (command.kind === 'place' ? 1 : 0);
  return { sequence, command, rejectReason, productId, feedSequence, events };
}

const refusals: Record<RejectReason, (exchange: NaiveExchange, command: Command) => boolean> = {
  order_not_resting: (exchange, c) => (c.kind === 'cancel' || c.kind === 'amend') && !target(exchange, c),
  product_not_found: (exchange, c) => c.kind === 'place' && !exchange.products.has(c.productId),
  offline: (exchange, c) => c.kind !== 'product' && statusFor(exchange, c) === 'offline',
  cancel_only: (exchange, c) => enters(c) && statusFor(exchange, c) === 'cancel_only',
  size_filled: (exchange, c) => c.kind === 'amend' && incoming(exchange, c).remaining <= 0,
  post_only: (exchange, c) => {
    if (!enters(c) || (c.kind === 'amend' && keepsPlace(exchange, c))) return false;
    const order = incoming(exchange, c);
    return order.postOnly && crossing(exchange, order).length > 0;
  },
};

function enters(command: Command): command is Place | Amend {
  return command.kind === 'place' || command.kind === 'amend';
}

function announce(exchange: NaiveExchange, { productId, status, version }: ProductChange): void {
  const product = exchange.products.get(productId) ?? { status, version, tradeId: 0, feed: 0 };
  exchange.products.set(productId, { ...product, status, version });
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
    return { ...command, id: place, place, size, remaining: size, funds: command.funds ?? Infinity };
  }
  const order = target(exchange, command)!;
  const [price, size] = [command.price ?? order.price, command.size ?? order.size];
  return { ...order, place, price, size, remaining: size - (order.size - order.remaining) };
}

function keepsPlace(exchange: NaiveExchange, command: Amend): boolean {
  const order = target(exchange, command)!;
  return (command.price ?? order.price) === order.price && (command.size ?? order.size) <= order.size;
}

/** The opposite orders that the order may trade with, best price first, then first come. */
function crossing(exchange: NaiveExchange, order: NaiveOrder): NaiveOrder[] {
  const sign = order.side === 'buy' ? 1 : -1;
  return exchange.resting
    .filter((maker) => maker.productId === order.productId && maker.side !== order.side)
    .filter((maker) => order.price === null || (order.price - maker.price!) * sign >= 0)
    .sort((a, b) => (a.price! - b.price!) * sign || a.place - b.place);
}

function isOwn(taker: NaiveOrder, maker: NaiveOrder): boolean {
  return taker.selfTradePrevention !== 'none' && taker.traderId === maker.traderId;
}

function remove(exchange: NaiveExchange, id: number): void {
  exchange.resting = exchange.resting.filter((order) => order.id !== id);
}

function done({ id, remaining }: NaiveOrder, reason: DoneReason): BookEvent {
  return { kind: 'done', orderId: id, reason, remaining: remaining === Infinity ? null : remaining };
}

function change(order: NaiveOrder, why: 'amend' | 'self_trade', kept: boolean): BookEvent {
  const { id: orderId, price, size, remaining } = order;
  return { kind: 'change', orderId, why, price, size, remaining, kept };
}

function cancel(exchange: NaiveExchange, orderId: number): BookEvent[] {
  const order = exchange.resting.find((o) => o.id === orderId)!;
  remove(exchange, orderId);
  return [done(order, 'canceled')];
}

/** What one command is about to do: where, and what has happened so far. */
type Step = {
  readonly exchange: NaiveExchange;
  readonly product: NaiveProduct;
  readonly events: BookEvent[];
};

function enter(exchange: NaiveExchange, product: NaiveProduct, command: Place | Amend): BookEvent[] {
  const order = incoming(exchange, command);
  if (command.kind === 'amend' && keepsPlace(exchange, command)) {
    Object.assign(target(exchange, command)!, { size: order.size, remaining: order.remaining });
    return [change(order, 'amend', true)];
  }
  remove(exchange, order.id);
  const events = command.kind === 'amend' ? [change(order, 'amend', false)] : [];
  const timeInForce = command.kind === 'amend' ? 'GTC' : command.timeInForce;
  if (timeInForce === 'FOK' && !fillsInFull(exchange, order)) return [done(order, 'time_in_force')];
  const ended =
    trade({ exchange, product, events }, order) ?? (timeInForce === 'GTC' ? null : 'time_in_force');
  if (ended) return [...events, done(order, ended)];
  exchange.resting.push(order);
  return [...events, { kind: 'open', orderId: order.id, remaining: order.remaining }];
}

function fillsInFull(exchange: NaiveExchange, taker: NaiveOrder): boolean {
  const makers = crossing(exchange, taker);
  const own = makers.findIndex((maker) => isOwn(taker, maker));
  const reachable = own < 0 ? makers : makers.slice(0, own);
  return reachable.reduce((sum, maker) => sum + maker.remaining, 0) >= taker.remaining;
}

/** Trades as far as prices cross; returns why the taker is done, or null if its remainder may rest. */
function trade(step: Step, taker: NaiveOrder): DoneReason | null {
  let traded = false;
  while (taker.remaining > 0 && taker.funds > 0) {
    const maker = crossing(step.exchange, taker)[0];
    if (!maker) return taker.price === null ? 'no_liquidity' : null;
    const affordable =
      taker.funds === Infinity ? Infinity : Number(BigInt(taker.funds) / BigInt(maker.price!));
    const lots = Math.min(taker.remaining, affordable);
    if (lots === 0) return traded ? 'filled' : 'no_liquidity';
    if (isOwn(taker, maker)) {
      if (preventSelfTrade(step, taker, maker, lots)) return 'self_trade';
    } else {
      fill(step, taker, maker, Math.min(lots, maker.remaining));
      traded = true;
    }
  }
  return 'filled';
}

function fill({ exchange, product, events }: Step, taker: NaiveOrder, maker: NaiveOrder, size: number): void {
  const price = maker.price!;
  const [takerSide, makerOrderId, makerTraderId] = [taker.side, maker.id, maker.traderId];
  product.tradeId++;
  events.push({
    kind: 'match',
    tradeId: product.tradeId,
    takerSide,
    makerOrderId,
    makerTraderId,
    price,
    size,
  });
  taker.remaining -= size;
  taker.funds -= size * price;
  maker.remaining -= size;
  if (maker.remaining > 0) return;
  remove(exchange, maker.id);
  events.push(done(maker, 'filled'));
}

/** One trader's orders meet: says whether that ends the taker. */
function preventSelfTrade(step: Step, taker: NaiveOrder, maker: NaiveOrder, lots: number): boolean {
  const mode = taker.selfTradePrevention;
  const makerEnds = mode === 'co' || mode === 'cb' || (mode === 'dc' && maker.remaining <= lots);
  const takerEnds = mode === 'cn' || mode === 'cb' || (mode === 'dc' && lots <= maker.remaining);
  if (makerEnds) {
    remove(step.exchange, maker.id);
    step.events.push(done(maker, 'self_trade'));
  }
  if (mode === 'dc' && !makerEnds) reduce(step, maker, lots);
  if (mode === 'dc' && !takerEnds) {
    taker.funds -= maker.remaining * maker.price!;
    reduce(step, taker, maker.remaining);
  }
  return takerEnds;
}

function reduce({ events }: Step, order: NaiveOrder, lots: number): void {
  order.size -= lots;
  order.remaining -= lots;
  if (order.size !== Infinity) events.push(change(order, 'self_trade', true));
}
