import type { Side } from '../../core/order.ts';
import type { Sum } from '../../core/units.ts';
import type { BookEvent, Change, Match, Report } from '../../core/wire/reports.ts';
import { feedNumbers } from '../../core/wire/reports.ts';
import type { Page } from '../http/query.ts';
import {
  addOrder,
  type BookOrder,
  bestLevels,
  type Half,
  newHalf,
  removeOrder,
  resizeOrder,
  sizeAt,
} from './book.ts';
import { indicativeOf } from './indicative.ts';
import type { BookSnapshot, LastTrade, RecentMinutes, RestingOrder, Ticker, Touched } from './market-data.ts';
import { OpenOrders } from './open-orders.ts';
import { OrdersById } from './orders-by-id.ts';
import type { PublicTrade } from './queries/trades.ts';
import { addRecentTrade, pageOfRecent, type RecentTrades } from './recent-trades.ts';
import { addToWindow, newWindow, statsAt, type TradeWindow } from './window.ts';

/** What the reports up to `sequence` have made of a shard. Every order of `orders` is in its product's book, and no other is. */
export type View = {
  sequence: number;
  /** Of the last command, in Unix milliseconds. */
  time: number;
  readonly products: Map<string, ProductView>;
  readonly orders: OrdersById;
  /** What the events of the last run were about, as far as they do not say it; see `MarketData`. */
  touched: Touched[];
};

export type ProductView = {
  readonly productId: string;
  feedSequence: number;
  /** Of the last command that concerned it, or a later one, in Unix milliseconds. */
  time: number;
  lastTrade: LastTrade | null;
  readonly recentTrades: RecentTrades;
  readonly window: TradeWindow;
  readonly bids: Half;
  readonly asks: Half;
  readonly openOrders: OpenOrders;
  /** Stop orders that wait, by id. They are open orders, and in no book that anybody sees. */
  readonly waiting: Map<number, BookOrder>;
};

/** The order that comes in with a report: placed, or taken from its place by an amend. It is in no book. */
type Incoming = Omit<RestingOrder, 'price' | 'remaining'> & { readonly price: number | null };

/** A report does not fit the view, which has to be built again: one of them is wrong. */
export class ViewError extends Error {
  override name = 'ViewError';
}

export function newView(sequence: number, time: number): View {
  return { sequence, time, products: new Map(), orders: new OrdersById(), touched: [] };
}

export function productView(view: View, productId: string): ProductView {
  const known = view.products.get(productId);
  if (known) return known;
  const product = newProduct(productId, view.time);
  view.products.set(productId, product);
  return product;
}

/** Lets a resting order into its book, behind those at its price. */
export function addToView(view: View, product: ProductView, order: RestingOrder): void {
  const added = addOrder(halfOf(product, order.side), order);
  view.orders.add(added);
  product.openOrders.add(added);
}

/** Lets a stop order wait. An amended one waits on. */
export function addWaiting(product: ProductView, order: Omit<RestingOrder, 'price'>): void {
  if (product.waiting.has(order.orderId)) return;
  const waiting = addOrder(newHalf(order.side), { ...order, price: 0 });
  product.waiting.set(order.orderId, waiting);
  product.openOrders.add(waiting);
}

function touchWaiting(view: View, product: ProductView, orderId: number): void {
  const waiting = product.waiting.get(orderId);
  if (!waiting) throw new ViewError(`order ${orderId} waits no longer`);
  touch(view, waiting);
}

function stopWaiting(product: ProductView, orderId: number): void {
  const waiting = product.waiting.get(orderId);
  if (!waiting) return; // it was met as it came
  product.waiting.delete(orderId);
  product.openOrders.remove(waiting);
}

/** Carries the view on by the next report. Throws `ViewError`, and then the view must not be used any more. */
export function applyToView(view: View, report: Report): void {
  if (report.sequence !== view.sequence + 1)
    throw new ViewError(`after ${view.sequence} came ${report.sequence}`);
  view.sequence = report.sequence;
  view.time = report.command.time;
  if (report.productId === null) return;
  const product = productView(view, report.productId);
  product.time = view.time;
  if (report.feedSequence !== product.feedSequence)
    throw new ViewError(
      `${product.productId} is at ${product.feedSequence}, a report at ${report.feedSequence}`,
    );
  product.feedSequence += feedNumbers(report);
  let incoming = placed(product, report);
  for (const event of report.events) incoming = applyEvent(view, product, event, incoming);
}

export function bookOf(view: View, productId: string, depth: number): BookSnapshot {
  const product = view.products.get(productId) ?? newProduct(productId, view.time);
  const { feedSequence, time, bids, asks, lastTrade } = product;
  const indicative = () => indicativeOf(bids, asks, lastTrade?.price ?? null);
  return { feedSequence, time, bids: bestLevels(bids, depth), asks: bestLevels(asks, depth), indicative };
}

/** The 24 hours end at `now`, in Unix milliseconds. */
export function tickerOf(view: View, productId: string, now: number): Ticker {
  const { lastTrade, bids, asks, window } = view.products.get(productId) ?? newProduct(productId, view.time);
  return {
    lastTrade,
    bestBid: bids.levels.at(-1) ?? null,
    bestAsk: asks.levels.at(-1) ?? null,
    stats: statsAt(window, now),
  };
}

/** Begins with the last trade that PostgreSQL has. An amended order traded after its own sequence: then that is too low. */
export function setLastTrade(product: ProductView, trade: LastTrade): void {
  const { tradeId, takerOrderId: sequence, takerSide, price, size, time: createdAt } = trade;
  product.lastTrade = trade;
  addRecentTrade(product.recentTrades, { sequence, tradeId, takerSide, price, size, createdAt });
}

/** A page of a product's trades, or null if older ones are asked for than are here. */
export function tradesInView(view: View, productId: string, page: Page): readonly PublicTrade[] | null {
  return pageOfRecent(view.products.get(productId)?.recentTrades ?? noTrades, page);
}

const noTrades: RecentTrades = { trades: [] };

export function openOrderIdsOf(view: View, traderId: number, productId: string | null): number[] {
  const products =
    productId === null
      ? view.products.values()
      : [view.products.get(productId)].filter((p) => p !== undefined);
  const ids: number[] = [];
  for (const { openOrders } of products) for (const { orderId } of openOrders.of(traderId)) ids.push(orderId);
  return ids.sort((one, other) => one - other);
}

/** The 24 hours that end at `now`. */
export function minutesOf(view: View, productId: string, now: number): RecentMinutes {
  const window = view.products.get(productId)?.window ?? newWindow();
  statsAt(window, now);
  return { from: window.fromMinute, minutes: window.minutes };
}

export function sizeInView(
  view: View,
  productId: string,
  { side, price }: Pick<Touched, 'side' | 'price'>,
): Sum {
  const product = view.products.get(productId);
  return product ? sizeAt(halfOf(product, side), price) : 0;
}

function newProduct(productId: string, time: number): ProductView {
  const [bids, asks] = [newHalf('buy'), newHalf('sell')];
  const openOrders = new OpenOrders();
  const waiting = new Map<number, BookOrder>();
  return {
    ...{
      productId,
      feedSequence: 0,
      time,
      lastTrade: null,
      recentTrades: { trades: [] },
      window: newWindow(),
    },
    ...{ bids, asks, openOrders, waiting },
  };
}

/** Its texts are those the view has already: a piece of the report's text would keep all of that text in memory. */
function placed(product: ProductView, { sequence, command }: Report): Incoming | null {
  if (command.kind !== 'place') return null;
  const { side } = command.side === 'buy' ? product.bids : product.asks;
  const { traderId, price } = command;
  return { orderId: sequence, traderId, productId: product.productId, side, price };
}

function applyEvent(
  view: View,
  product: ProductView,
  event: BookEvent,
  incoming: Incoming | null,
): Incoming | null {
  switch (event.kind) {
    case 'match':
      applyMatch(view, product, event, incoming);
      return incoming;
    case 'change':
      return applyChange(view, product, event, incoming);
    case 'open': {
      if (incoming?.orderId !== event.orderId || incoming.price === null)
        throw new ViewError(`order ${event.orderId} opens and did not come in`);
      addToView(view, product, { ...incoming, price: incoming.price, remaining: event.remaining });
      return null;
    }
    case 'refill': {
      const { orderId, traderId, productId, side, price } = takeOut(view, product, event.orderId);
      addToView(view, product, { orderId, traderId, productId, side, price, remaining: event.remaining });
      return incoming;
    }
    case 'wait':
      if (incoming) addWaiting(product, { ...incoming, remaining: event.size ?? 0 });
      else touchWaiting(view, product, event.orderId);
      return null;
    case 'leave':
      touchWaiting(view, product, event.orderId);
      stopWaiting(product, event.orderId);
      return incoming;
    case 'activate': {
      stopWaiting(product, event.orderId);
      const { side } = event.side === 'buy' ? product.bids : product.asks;
      const { orderId, traderId, price } = event;
      return { orderId, traderId, productId: product.productId, side, price };
    }
    case 'done':
      if (incoming?.orderId === event.orderId) return null;
      takeOut(view, product, event.orderId);
      return incoming;
  }
}

/** As an auction ends both orders rest, and the report says only at which price they trade. */
function applyMatch(view: View, product: ProductView, match: Match, incoming: Incoming | null): void {
  const { makerOrderId, takerOrderId, tradeId, takerSide, price, size } = match;
  for (const orderId of match.uncrosses ? [makerOrderId, takerOrderId] : [makerOrderId]) {
    const order = resting(view, orderId);
    if (order.remaining < size) throw new ViewError(`order ${orderId} traded more than remained of it`);
    if (match.uncrosses) touch(view, order);
    resizeOrder(order, order.remaining - size);
  }
  if (!match.uncrosses && incoming?.orderId !== takerOrderId)
    throw new ViewError(`order ${makerOrderId} traded with one that did not come in`);
  product.lastTrade = { tradeId, makerOrderId, takerOrderId, takerSide, price, size, time: view.time };
  addToWindow(product.window, view.time, product.lastTrade);
  const { sequence, time: createdAt } = view;
  addRecentTrade(product.recentTrades, { sequence, tradeId, takerSide, price, size, createdAt });
}

/** Self-trade prevention may reduce the incoming order, which no book shows yet. */
function applyChange(
  view: View,
  product: ProductView,
  change: Change,
  incoming: Incoming | null,
): Incoming | null {
  if (incoming?.orderId === change.orderId) return incoming;
  if (change.kept) {
    const order = resting(view, change.orderId);
    touch(view, order);
    resizeOrder(order, change.remaining);
    return incoming;
  }
  const { orderId, traderId, productId, side } = takeOut(view, product, change.orderId);
  return { orderId, traderId, productId, side, price: change.price };
}

function takeOut(view: View, product: ProductView, orderId: number): BookOrder {
  const order = resting(view, orderId);
  touch(view, order);
  removeOrder(halfOf(product, order.side), order);
  product.openOrders.remove(order);
  view.orders.remove(orderId);
  return order;
}

function touch({ touched }: View, { traderId, side, price, remaining }: BookOrder): void {
  touched.push({ traderId, side, price, remaining });
}

function resting(view: View, orderId: number): BookOrder {
  const order = view.orders.get(orderId);
  if (!order) throw new ViewError(`order ${orderId} does not rest here`);
  return order;
}

function halfOf({ bids, asks }: ProductView, side: Side): Half {
  return side === 'buy' ? bids : asks;
}
