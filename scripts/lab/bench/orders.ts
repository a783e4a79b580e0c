// The orders of a benchmark: the same seed gives the same ones.

import { createRandom, type Random } from '../model/random.ts';
import type { ProductShare, SizeRange } from './options.ts';

export const traders = 10_000;
/** In cents, as the cards' rows have it. */
export const prices = { from: 100, to: 1_000 };

export type BenchOrder = {
  readonly traderId: number;
  readonly productId: string;
  readonly side: 'buy' | 'sell';
  /** In cents. */
  readonly price: number;
  readonly size: number;
};

/**
 * `uniform`: prices are anywhere. `resting`: no order ever meets another. `steady`: every second order takes one lot of the
 * best price and the one before it adds one, so that as many orders rest as before.
 */
export type Shape = 'uniform' | 'resting' | 'steady';

export type Mix = {
  readonly products: readonly ProductShare[];
  readonly sizes: SizeRange;
  readonly seed: number;
  readonly shape?: Shape;
};

/** Traders, sides and sizes are uniform, products as their weights say, prices as the shape says. */
export function createOrders({ products, sizes, seed, shape = 'uniform' }: Mix): () => BenchOrder {
  const random = createRandom(seed);
  const tickets = products.flatMap(({ productId, weight }) => Array<string>(weight).fill(productId));
  const priceOf = shapes[shape](random);
  return () => ({
    traderId: random(1, traders),
    productId: tickets[random(0, tickets.length - 1)]!,
    ...priceOf(),
    size: random(sizes.from, sizes.to),
  });
}

type SideAndPrice = Pick<BenchOrder, 'side' | 'price'>;

const middle = Math.floor((prices.from + prices.to) / 2);

function anySide(random: Random): BenchOrder['side'] {
  return random(0, 1) === 0 ? 'buy' : 'sell';
}

function restingPrice(random: Random, side: BenchOrder['side']): SideAndPrice {
  const price = side === 'buy' ? random(prices.from, middle - 1) : random(middle + 1, prices.to);
  return { side, price };
}

const shapes: Record<Shape, (random: Random) => () => SideAndPrice> = {
  uniform: (random) => () => ({ side: anySide(random), price: random(prices.from, prices.to) }),
  resting: (random) => () => restingPrice(random, anySide(random)),
  steady: (random) => {
    let rested: BenchOrder['side'] | null = null;
    return () => {
      const taken = rested;
      rested = taken === null ? anySide(random) : null;
      if (rested !== null) return restingPrice(random, rested);
      return taken === 'sell' ? { side: 'buy', price: prices.to } : { side: 'sell', price: prices.from };
    };
  },
};

/** An order as the API takes it from an operator. */
export function jsonOf({ traderId, productId, side, price, size }: BenchOrder): string {
  return `{"trader_id":${traderId},"product_id":"${productId}","side":"${side}","price":"${(price / 100).toFixed(2)}","size":"${size}"}`;
}
