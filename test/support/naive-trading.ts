import type { DoneReason } from '../../core/order.ts';
import type { BookEvent } from '../../core/wire/reports.ts';
import { costOf, holdChanged, payTrade } from './naive-accounts.ts';
import type { NaiveExchange, NaiveOrder, NaiveProduct } from './naive-book.ts';

/** What one command is about to do: where, and what has happened so far. */
export type Step = {
  readonly exchange: NaiveExchange;
  readonly product: NaiveProduct;
  readonly events: BookEvent[];
};

/** The opposite orders that the order may trade with, best price first, then first come. */
export function crossing(exchange: NaiveExchange, order: NaiveOrder): NaiveOrder[] {
  const sign = order.side === 'buy' ? 1 : -1;
  return exchange.resting
    .filter((maker) => maker.productId === order.productId && maker.side !== order.side)
    .filter((maker) => order.price === null || (order.price - maker.price!) * sign >= 0)
    .sort((a, b) => (a.price! - b.price!) * sign || a.place - b.place);
}

function isOwn(taker: NaiveOrder, maker: NaiveOrder): boolean {
  return taker.selfTradePrevention !== 'none' && taker.traderId === maker.traderId;
}

export function remove(exchange: NaiveExchange, id: number): void {
  exchange.resting = exchange.resting.filter((order) => order.id !== id);
}

export function done({ id, remaining }: NaiveOrder, reason: DoneReason): BookEvent {
  return { kind: 'done', orderId: id, reason, remaining: remaining === Infinity ? null : remaining };
}

export function change(order: NaiveOrder, why: 'amend' | 'self_trade', kept: boolean): BookEvent {
  const { id: orderId, price, size, remaining } = order;
  return { kind: 'change', orderId, why, price, size, remaining, kept };
}

/** What a taker has paid. */
export function paidIn({ exchange, events }: Step, taker: NaiveOrder): bigint {
  const payments = events.map((e) => (e.kind === 'match' ? costOf(exchange, taker, e.price, e.size) : 0n));
  return payments.reduce((sum, payment) => sum + payment, 0n);
}

export function fillsInFull(exchange: NaiveExchange, taker: NaiveOrder): boolean {
  const makers = crossing(exchange, taker);
  const own = makers.findIndex((maker) => isOwn(taker, maker));
  const reachable = own < 0 ? makers : makers.slice(0, own);
  return reachable.reduce((sum, maker) => sum + maker.remaining, 0) >= taker.remaining;
}

/** Trades as far as prices cross; returns why the taker is done, or null if its remainder may rest. */
export function trade(step: Step, taker: NaiveOrder): DoneReason | null {
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
  payTrade(exchange, taker, maker, size);
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
  if (order.size !== Infinity) events.push(change(order, 'self_trade', true));
}
