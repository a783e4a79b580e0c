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

type LotsOf = (order: NaiveOrder) => number;
const allOf: LotsOf = ({ remaining }) => remaining;

const sizeOf = (orders: readonly NaiveOrder[], lotsOf = allOf): number =>
  orders.reduce((sum, order) => sum + lotsOf(order), 0);

/** What the uncross of a crossed book comes to: the one price, what trades, and by how much one side has more at that price. */
export type NaiveAuction = {
  readonly price: number;
  readonly size: number;
  readonly rest: { readonly side: NaiveOrder['side']; readonly size: number } | null;
};

/** Found by trying every price. Null if the book is not crossed. `shownOf` for what the public knows of icebergs. */
export function auctionOf(exchange: NaiveExchange, productId: string, lotsOf = allOf): NaiveAuction | null {
  const ofSide = (side: NaiveOrder['side']): number[] =>
    exchange.resting
      .filter((order) => order.productId === productId && order.side === side)
      .map(({ price }) => price!);
  const [lowest, highest] = [Math.min(...ofSide('sell')), Math.max(...ofSide('buy'))];
  const prices = lowest > highest ? [] : Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i);
  const tried = prices.map((price) => {
    const { bids, asks } = willing(exchange, productId, price);
    const [bid, asked] = [sizeOf(bids, lotsOf), sizeOf(asks, lotsOf)];
    return { price, volume: Math.min(bid, asked), more: bid - asked };
  });
  const volume = Math.max(...tried.map((one) => one.volume));
  const most = tried.filter((one) => one.volume === volume);
  const rest = Math.min(...most.map(({ more }) => Math.abs(more)));
  const best = most.filter(({ more }) => Math.abs(more) === rest);
  if (best.length === 0) return null;
  const price = nearestOf(
    best.map((one) => one.price),
    exchange.products.get(productId)!.last,
  );
  const { more } = best.find((one) => one.price === price)!;
  return { price, size: volume, rest: rest === 0 ? null : { side: more > 0 ? 'buy' : 'sell', size: rest } };
}

function nearestOf(prices: readonly number[], last: number | null): number {
  if (last === null) return Math.floor((prices[0]! + prices.at(-1)!) / 2);
  return prices.reduce((one, other) => (Math.abs(other - last) < Math.abs(one - last) ? other : one));
}

/** All trade at one price. The side that fills whole takes; if both do, the buyers. */
export function uncross(step: Step): void {
  const { exchange, productId } = step;
  const { price } = auctionOf(exchange, productId)!;
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
