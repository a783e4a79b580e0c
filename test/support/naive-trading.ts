import type { DoneReason } from '../../core/order.ts';
import type { BookEvent, Done, Match } from '../../core/wire/reports.ts';
import { chargeTrade, costOf, holdChanged, payTrade } from './naive-accounts.ts';
import { isBeyondCollar } from './naive-collar.ts';
import type { NaiveExchange, NaiveOrder, NaiveProduct } from './naive-exchange.ts';

/** What one command is about to do: where, and what has happened so far. */
export type Step = {
  readonly exchange: NaiveExchange;
  readonly productId: string;
  readonly product: NaiveProduct;
  readonly events: BookEvent[];
};

/** The opposite orders that the order may trade with, best price first, then first come. */
export function crossing(exchange: NaiveExchange, order: NaiveOrder): NaiveOrder[] {
  return opposite(exchange, order).filter(({ price }) => !isBeyondCollar(exchange, order, price!));
}

/** Those that it could trade with if there were no collar. */
function opposite(exchange: NaiveExchange, order: NaiveOrder): NaiveOrder[] {
  const sign = order.side === 'buy' ? 1 : -1;
  return exchange.resting
    .filter((maker) => maker.productId === order.productId && maker.side !== order.side)
    .filter((maker) => order.price === null || (order.price - maker.price!) * sign >= 0)
    .sort((a, b) => (a.price! - b.price!) * sign || byPlace(a, b));
}

/** Orders that one command triggered share its place, and come behind what else has it. */
export function byPlace(a: NaiveOrder, b: NaiveOrder): number {
  return a.place - b.place || (a.turn ?? 0) - (b.turn ?? 0);
}

function isOwn(taker: NaiveOrder, maker: NaiveOrder): boolean {
  return taker.selfTradePrevention !== 'none' && taker.traderId === maker.traderId;
}

export function remove(exchange: NaiveExchange, id: number): void {
  exchange.resting = exchange.resting.filter((order) => order.id !== id);
  exchange.waiting = exchange.waiting.filter((order) => order.id !== id);
}

export function done({ id, remaining }: NaiveOrder, reason: DoneReason): Done {
  return { kind: 'done', orderId: id, reason, remaining: remaining === Infinity ? null : remaining };
}

export function change(order: NaiveOrder, why: 'amend' | 'self_trade', kept: boolean): BookEvent {
  const { id: orderId, price, size, remaining } = order;
  return { kind: 'change', orderId, why, price, size, remaining, kept };
}

/** What a taker has paid; a seller's fees come out of what it was paid. */
export function paidIn({ exchange, events }: Step, taker: NaiveOrder): bigint {
  const feeIn = ({ takerFee }: Match): bigint =>
    taker.side === 'buy' && takerFee ? BigInt(takerFee.units) : 0n;
  const payments = events.map((e) =>
    e.kind === 'match' && e.takerOrderId === taker.id
      ? costOf(exchange, taker, e.price, e.size) + feeIn(e)
      : 0n,
  );
  return payments.reduce((sum, payment) => sum + payment, 0n);
}

/** Why an order cannot fill whole at once, or null if it can. */
export function missOf(exchange: NaiveExchange, taker: NaiveOrder): DoneReason | null {
  const makers = crossing(exchange, taker);
  const own = makers.findIndex((maker) => isOwn(taker, maker));
  const reachable = own < 0 ? makers : makers.slice(0, own);
  const most = maxMakers(exchange, taker);
  const sum = reachable.slice(0, most).reduce((total, maker) => total + maker.remaining, 0);
  if (sum >= taker.remaining) return null;
  return reachable.length > most ? 'maker_limit' : 'time_in_force';
}

function maxMakers(exchange: NaiveExchange, { productId }: NaiveOrder): number {
  return exchange.products.get(productId)!.rules.maxMakers ?? Infinity;
}

/** Trades as far as prices cross; returns why the taker is done, or null if its remainder may rest. */
export function trade(step: Step, taker: NaiveOrder): DoneReason | null {
  let traded = false;
  let price = Infinity;
  const most = maxMakers(step.exchange, taker);
  for (let met = 0; taker.room > 0 && taker.funds > 0; met++) {
    const maker = crossing(step.exchange, taker)[0];
    if (!maker) return endOf(step, taker, traded);
    price = maker.price!;
    const lots = lotsAt(taker, price);
    if (lots === 0) return traded ? 'filled' : 'no_liquidity';
    if (met === most) return 'maker_limit';
    if (isOwn(taker, maker)) {
      if (preventSelfTrade(step, taker, maker, lots)) return 'self_trade';
    } else {
      fill(step, taker, maker, Math.min(lots, maker.remaining));
      traded = true;
    }
  }
  // Its fee left it nothing to trade with.
  if (taker.funds === 0 && !traded) return 'no_liquidity';
  // Nobody sent the size that is used up, and the funds would have bought another lot.
  return taker.size === Infinity && taker.room === 0 && taker.funds >= price ? 'size_limit' : 'filled';
}

/** How many lots the taker can still take at a price. */
function lotsAt({ room, funds }: NaiveOrder, price: number): number {
  return Math.min(room, funds === Infinity ? Infinity : Number(BigInt(funds) / BigInt(price)));
}

/** Nobody is left that it may trade with: why the taker is done, or null if its remainder may rest. */
function endOf({ exchange }: Step, taker: NaiveOrder, traded: boolean): DoneReason | null {
  if (taker.price !== null) return isBeyondCollar(exchange, taker, taker.price) ? 'price_collar' : null;
  const beyond = opposite(exchange, taker)[0];
  if (!beyond) return 'no_liquidity';
  if (lotsAt(taker, beyond.price!) > 0) return 'price_collar';
  return traded ? 'filled' : 'no_liquidity';
}

function fill({ exchange, product, events }: Step, taker: NaiveOrder, maker: NaiveOrder, size: number): void {
  const price = maker.price!;
  const [takerSide, makerOrderId, makerTraderId] = [taker.side, maker.id, maker.traderId];
  product.tradeId++;
  payTrade(exchange, taker, maker, size);
  const fees = chargeTrade(exchange, taker, maker, size);
  const [takerOrderId, takerTraderId] = [taker.id, taker.traderId];
  events.push({
    ...{ kind: 'match', tradeId: product.tradeId, takerSide, makerOrderId, makerTraderId },
    ...{ takerOrderId, takerTraderId, price, size },
    ...fees,
  });
  taker.remaining -= size;
  taker.room -= size;
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
    holdChanged(step.exchange, maker);
    step.events.push(done(maker, 'self_trade'));
  }
  if (mode === 'dc' && !makerEnds) {
    reduce(step, maker, lots);
    holdChanged(step.exchange, maker);
  }
  if (mode === 'dc' && !takerEnds) {
    taker.funds -= maker.remaining * maker.price!;
    reduce(step, taker, maker.remaining);
  }
  return takerEnds;
}

function reduce({ events }: Step, order: NaiveOrder, lots: number): void {
  order.size -= lots;
  order.remaining -= lots;
  order.room -= lots;
  if (order.size !== Infinity) events.push(change(order, 'self_trade', true));
}
