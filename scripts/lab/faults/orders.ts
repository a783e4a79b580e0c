// What the clients ask for, at random, in every form that an order can have.

import { oneOf, type Random } from '../model/random.ts';
import type { Meant } from './record.ts';

export type Order = { readonly meant: Meant; readonly body: Readonly<Record<string, unknown>> };

export const fundedProduct = 'VIBRANIUM-USD';

/** Whose collar is less than its prices are apart. */
export const guarded = { productId: 'SQUIRTLE-USD', collar: '0.0075' };

/** Which is in an auction every other while. */
export const auctioned = 'BULBASAUR-USD';

export const usualShard = 'main';

export type Traded = {
  readonly productId: string;
  readonly shard: string;
  /** Cents. */
  readonly from: number;
  readonly to: number;
  readonly largest: number;
};

/** Prices close to each other, so that many orders trade. */
export const products: readonly Traded[] = [
  { productId: 'PIKACHU-USD', shard: usualShard, from: 490, to: 510, largest: 1 },
  { productId: guarded.productId, shard: usualShard, from: 200, to: 203, largest: 1 },
  { productId: auctioned, shard: usualShard, from: 140, to: 143, largest: 1 },
  { productId: fundedProduct, shard: usualShard, from: 95, to: 110, largest: 9 },
];

/** Which currencies traders have accounts in, in a shard. */
export type Funded = { readonly shard: string; readonly currencies: readonly string[] };

export const usualFunded: readonly Funded[] = [{ shard: usualShard, currencies: ['USD', 'VIBRANIUM'] }];

/** Waits for a price near its own. */
const stop = {};

/** What an order is, besides a limit order that rests. Without a price it is a market order. */
const forms: readonly Record<string, unknown>[] = [
  ...Array.from({ length: 8 }, () => ({})),
  { time_in_force: 'IOC' },
  { time_in_force: 'FOK' },
  { time_in_force: 'GTT', cancel_after: 'min' },
  { post_only: true },
  { max_floor: '1' },
  { max_floor: '1' },
  stop,
  stop,
  { type: 'market', price: undefined },
  { type: 'market', price: undefined, size: undefined, funds: '6.00' },
];
const preventions = [undefined, undefined, 'dc', 'co', 'cn', 'cb'];

export type Asking = { readonly traderId: number; readonly clientOid: string | null };

export function randomOrder(random: Random, traded: readonly Traded[], asking: Asking): Order {
  const { traderId, clientOid } = asking;
  const product = oneOf(random, traded);
  const side = oneOf(random, ['buy', 'sell'] as const);
  const price = random(product.from, product.to);
  const form = oneOf(random, forms);
  const near = { stop_price: (random(product.from, product.to) / 100).toFixed(2) };
  const body = {
    ...{ product_id: product.productId, trader_id: traderId, side },
    ...{ price: (price / 100).toFixed(2), size: String(random(1, product.largest)) },
    ...(form === stop ? near : form),
    stp: oneOf(random, preventions),
    client_oid: clientOid ?? undefined,
  };
  const { productId } = product;
  return {
    meant: { traderId, clientOid, productId, side, price: body.price === undefined ? null : price },
    body,
  };
}

/** One that may be in an all-or-none batch. */
export function randomLimitOrder(random: Random, traded: readonly Traded[], asking: Asking): Order {
  for (;;) {
    const order = randomOrder(random, traded, asking);
    const { stop_price, type, time_in_force } = order.body as Record<string, unknown>;
    if (stop_price === undefined && type === undefined && time_in_force !== 'FOK') return order;
  }
}

export function randomAmend(random: Random): Record<string, string> {
  const [price, size] = [(random(95, 110) / 100).toFixed(2), String(random(1, 12))];
  return oneOf(random, [{ price }, { size }, { price, size }]);
}
