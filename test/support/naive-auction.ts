import { chargeUncrossed, payTrade } from './naive-accounts.ts';
import type { NaiveExchange, NaiveOrder } from './naive-exchange.ts';
import { byPlace, type Step, shownOf, wear } from './naive-trading.ts';

/** Who would trade at a price: the best first, and at one price the one that has rested longest. */
function willing(
  exchange: NaiveExchange,
  productId: string,
  price: number,
): Record<'bids' | 'asks', NaiveOrder[]> {
  const half = (side: NaiveOrder['side'], sign: number): NaiveOrder[] =>
    exchange.resting
      .filter((order) => order.productId === productId && order.side === side)
      .filter((order) => (order.price! - price) * sign <= 0)
      .sort((a, b) => (a.price! - b.price!) * sign || byPlace(a, b));
  return { bids: half('buy', -1), asks: half('sell', 1) };
}

const sizeOf = (orders: readonly NaiveOrder[]): number =>
  orders.reduce((sum, { remaining }) => sum + remaining, 0);

/** The price at which a crossed book uncrosses, found by trying every one. Null if the book is not crossed. */
export function auctionPrice(exchange: NaiveExchange, productId: string): number | null {
  const ofSide = (side: NaiveOrder['side']): number[] =>
    exchange.resting
      .filter((order) => order.productId === productId && order.side === side)
      .map(({ price }) => price!);
  const [lowest, highest] = [Math.min(...ofSide('sell')), Math.max(...ofSide('buy'))];
  const prices = lowest > highest ? [] : Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i);
  const tried = prices.map((price) => {
    const { bids, asks } = willing(exchange, productId, price);
    const [bid, asked] = [sizeOf(bids), sizeOf(asks)];
    return { price, volume: Math.min(bid, asked), rest: Math.abs(bid - asked) };
  });
  const volume = Math.max(...tried.map((one) => one.volume));
  const most = tried.filter((one) => one.volume === volume);
  const rest = Math.min(...most.map((one) => one.rest));
  const best = most.filter((one) => one.rest === rest).map(({ price }) => price);
  if (best.length === 0) return null;
  const { last } = exchange.products.get(productId)!;
  if (last === null) return Math.floor((best[0]! + best.at(-1)!) / 2);
  return best.reduce((one, other) => (Math.abs(other - last) < Math.abs(one - last) ? other : one));
}

/** All trade at one price. The side that fills whole takes; if both do, the buyers. */
export function uncross(step: Step): void {
  const { exchange, productId } = step;
  const price = auctionPrice(exchange, productId)!;
  const { bids, asks } = willing(exchange, productId, price);
  const [takers, makers] = sizeOf(bids) <= sizeOf(asks) ? [bids, asks] : [asks, bids];
  while (takers.length > 0) {
    const [taker, maker] = [takers[0]!, makers[0]!];
    cross(step, taker, maker, price);
    for (const queue of [takers, makers]) {
      if (queue[0]!.remaining === 0) queue.shift();
      // One that shows its next tip is behind the others at its price.
      else queue.sort((a, b) => (a.price === b.price ? byPlace(a, b) : 0));
    }
  }
}

function cross(step: Step, taker: NaiveOrder, maker: NaiveOrder, price: number): void {
  const { exchange, product, events } = step;
  const size = Math.min(shownOf(taker), shownOf(maker));
  product.tradeId++;
  payTrade(exchange, taker, { ...maker, price }, size);
  const fees = chargeUncrossed(exchange, taker, maker, size * price);
  events.push({
    ...{ kind: 'match', tradeId: product.tradeId, takerSide: taker.side, uncrosses: true, price, size },
    ...{ makerOrderId: maker.id, makerTraderId: maker.traderId },
    ...{ takerOrderId: taker.id, takerTraderId: taker.traderId },
    ...fees,
  });
  wear(step, maker, size);
  wear(step, taker, size);
}
