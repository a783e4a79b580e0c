// The matching rules a second time for what a benchmark sends (limit orders that rest, cancels), written from the rules
// and not from the matching script: a sorted list of prices for each half of a book, and a queue for each price.
//
// Why not the tests' naive book: sorting everything anew at each step takes minutes for a million orders.

import type { BenchOrder } from '../bench/orders.ts';

type Resting = { readonly id: number; readonly traderId: number; readonly price: number; remaining: number };
/** `prices` are best first. */
type Half = { readonly prices: number[]; readonly queues: Map<number, Resting[]> };
type Product = { readonly buy: Half; readonly sell: Half; tradeId: number };

/** A trade as the columns of its row, in the order of `tradeColumns`. */
export type BookTrade = readonly (string | number)[];

export const tradeColumns =
  'sequence, product_id, trade_id, maker_order_id, taker_order_id, price, size, maker_trader_id, taker_trader_id, taker_side';

export type LevelBook = {
  readonly place: (id: number, order: BenchOrder) => BookTrade[];
  readonly cancel: (orderId: number, traderId: number) => void;
  /** How many orders rest. */
  readonly resting: () => number;
};

export function createLevelBook(): LevelBook {
  const products = new Map<string, Product>();
  const places = new Map<number, { half: Half; order: Resting }>();
  const halvesOf = (id: string): Product => {
    const product = products.get(id) ?? { buy: newHalf(), sell: newHalf(), tradeId: 0 };
    products.set(id, product);
    return product;
  };
  return {
    place: (id, order) => {
      const product = halvesOf(order.productId);
      const taker = { id, traderId: order.traderId, price: order.price, remaining: order.size };
      const opposite = order.side === 'buy' ? product.sell : product.buy;
      const trades: BookTrade[] = [];
      for (let maker = best(opposite); maker && crosses(order, maker.price); maker = best(opposite)) {
        const size = Math.min(taker.remaining, maker.remaining);
        if (size === 0) break;
        trades.push(tradeRow({ order, taker, maker, size, tradeId: ++product.tradeId }));
        taker.remaining -= size;
        maker.remaining -= size;
        if (maker.remaining > 0) break;
        remove(opposite, maker);
        places.delete(maker.id);
      }
      if (taker.remaining > 0) {
        const half = product[order.side];
        add(half, taker, order.side);
        places.set(id, { half, order: taker });
      }
      return trades;
    },
    cancel: (orderId, traderId) => {
      const place = places.get(orderId);
      if (place?.order.traderId !== traderId) return;
      remove(place.half, place.order);
      places.delete(orderId);
    },
    resting: () => places.size,
  };
}

function newHalf(): Half {
  return { prices: [], queues: new Map() };
}

function best({ prices, queues }: Half): Resting | undefined {
  return prices.length === 0 ? undefined : queues.get(prices[0]!)![0];
}

function crosses({ side, price }: BenchOrder, makerPrice: number): boolean {
  return side === 'buy' ? makerPrice <= price : makerPrice >= price;
}

function add({ prices, queues }: Half, order: Resting, side: BenchOrder['side']): void {
  const queue = queues.get(order.price);
  if (queue) {
    queue.push(order);
    return;
  }
  queues.set(order.price, [order]);
  const behind = prices.findIndex((price) => (side === 'buy' ? price < order.price : price > order.price));
  prices.splice(behind < 0 ? prices.length : behind, 0, order.price);
}

function remove({ prices, queues }: Half, order: Resting): void {
  const queue = queues.get(order.price)!;
  if (queue[0] === order) queue.shift();
  else queue.splice(queue.indexOf(order), 1);
  if (queue.length > 0) return;
  queues.delete(order.price);
  prices.splice(prices.indexOf(order.price), 1);
}

type Meeting = {
  readonly order: BenchOrder;
  readonly taker: Resting;
  readonly maker: Resting;
  readonly size: number;
  readonly tradeId: number;
};

function tradeRow({ order, taker, maker, size, tradeId }: Meeting): BookTrade {
  const { productId, side } = order;
  return [
    taker.id,
    productId,
    tradeId,
    maker.id,
    taker.id,
    maker.price,
    size,
    maker.traderId,
    taker.traderId,
    side,
  ];
}
