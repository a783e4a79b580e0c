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

export function done(order: NaiveOrder, reason: DoneReason): Done {
  const { remaining, ...hidden } = leftOf(order);
  return { kind: 'done', orderId: order.id, reason, remaining: finite(remaining), ...hidden };
}

export const finite = (amount: number): number | null => (amount === Infinity ? null : amount);

/** How much of an order may be seen at a time. */
export function shownOf({ remaining, maxFloor, tip }: NaiveOrder): number {
  return maxFloor === null ? remaining : tip || Math.min(maxFloor, remaining);
}

/** What remains of an order, as a report says it: what is shown, and of an iceberg what is not. */
export function leftOf(order: NaiveOrder): { remaining: number; hidden?: number } {
  const shown = shownOf(order);
  return order.maxFloor === null
    ? { remaining: shown }
    : { remaining: shown, hidden: order.remaining - shown };
}

/** Which one it is to which a command gives a place besides its own order. */
export function turnOf({ events }: Pick<Step, 'events'>): number {
  return 1 + events.filter(({ kind }) => kind === 'activate' || kind === 'refill').length;
}

/** Lots of a resting order are traded: it is done, or shows its next tip if this one is used up. */
export function wear(step: Pick<Step, 'exchange' | 'events'>, order: NaiveOrder, lots: number): void {
  const { exchange, events } = step;
  order.remaining -= lots;
  order.room -= lots;
  order.tip = Math.max(order.tip - lots, 0);
  if (order.remaining === 0) {
    remove(exchange, order.id);
    events.push(done(order, 'filled'));
  } else if (order.maxFloor !== null && order.tip === 0) {
    order.tip = Math.min(order.maxFloor, order.remaining);
    Object.assign(order, { place: exchange.sequence, turn: turnOf(step) });
    const [orderId, remaining] = [order.id, order.tip];
    events.push({ kind: 'refill', orderId, remaining, hidden: order.remaining - remaining });
  }
}

export function change(order: NaiveOrder, why: 'amend' | 'self_trade', kept: boolean): BookEvent {
  const { id: orderId, price, size } = order;
  return { kind: 'change', orderId, why, price, size, kept, ...leftOf(order) };
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
  const copy = structuredClone(exchange);
  const step: Pick<Step, 'exchange' | 'events'> = { exchange: copy, events: [] };
  const most = maxMakers(exchange, taker);
  let missing = taker.remaining;
  for (let met = 0; missing > 0; met++) {
    const maker = crossing(copy, taker)[0];
    if (!maker || isOwn(taker, maker)) return 'time_in_force';
    if (met === most) return 'maker_limit';
    missing -= shownOf(maker);
    wear(step, maker, shownOf(maker));
  }
  return null;
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
      fill(step, taker, maker, Math.min(lots, shownOf(maker)));
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

function fill(step: Step, taker: NaiveOrder, maker: NaiveOrder, size: number): void {
  const { exchange, product, events } = step;
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
  wear(step, maker, size);
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
  order.tip = Math.min(order.tip, order.remaining);
  if (order.size !== Infinity) events.push(change(order, 'self_trade', true));
}
