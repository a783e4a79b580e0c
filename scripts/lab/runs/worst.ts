// What makes the longest runs of the matching script: each shape as the commands that set it up, and those that are measured.

import { noRules, type ProductRules, type ProductStatus } from '../../../core/product.ts';
import type { Command, Place } from '../../../core/wire/commands.ts';

/** `before` is matched first and not measured. */
export type Shape = { readonly before: readonly Command[]; readonly measured: readonly Command[] };

const origin = { time: 1_700_000_000_000, requestId: null };
const productId = 'PIKACHU-USD';
const rules: ProductRules = { ...noRules, maxMakers: 2_500, maxSize: 1_000_000 };

const product = (status: ProductStatus, version: number): Command => ({
  ...{ kind: 'product', productId, status, version, funding: null, rules, ...origin },
});

function place(different: Partial<Place>): Place {
  return {
    ...{ kind: 'place', traderId: 1, productId, side: 'buy', price: 500, size: 1, funds: null },
    ...{ timeInForce: 'GTC', postOnly: false, selfTradePrevention: 'none' },
    ...{
      maxFloor: null,
      stop: null,
      stopPrice: null,
      expireTime: null,
      clientOid: null,
      ...origin,
      ...different,
    },
  };
}

const many = <T>(count: number, one: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => one(i));

const bids = (count: number, of: Partial<Place> = {}): Command[] =>
  many(count, (i) => place({ traderId: 1 + (i % 1_000), price: 1_000 - (i % 400), ...of }));

/** Bids above asks, at some prices and of some sizes, so that much of it trades. */
const gathered = (count: number): Command[] =>
  many(count, (i) => {
    const [side, from] = i % 2 === 0 ? (['buy', 4_000] as const) : (['sell', 3_600] as const);
    const [price, size] = [from + ((i * 7_919) % 1_000), 1 + ((i * 31) % 17)];
    return place({ traderId: 1 + (i % 1_000), side, price, size });
  });

const stop = { side: 'sell', stop: 'loss', stopPrice: 1_500 } as const;
const online = product('online', 1);

export const shapes: Readonly<Record<string, () => Shape>> = {
  'orders that rest': () => ({ before: [online], measured: bids(20_000) }),
  'orders that trade with one each': () => ({
    before: [online, ...bids(20_000)],
    measured: many(20_000, (i) => place({ traderId: 2_000 + (i % 1_000), side: 'sell', price: 1 })),
  }),
  'sweeps of 2,500 makers': () => ({
    before: [online, ...bids(25_000)],
    measured: many(10, () => place({ traderId: 2_000, side: 'sell', price: 1, size: 2_500 })),
  }),
  'FOK that fails over 2,500 makers': () => ({
    before: [online, ...bids(20_000)],
    measured: many(1_000, () =>
      place({ traderId: 2_000, side: 'sell', price: 1, size: 900_000, timeInForce: 'FOK' }),
    ),
  }),
  '10,000 stop orders at once that rest': () => ({
    before: [
      online,
      place({ price: 1_500 }),
      ...many(10_000, () => place({ ...stop, traderId: 2, price: 1_900 })),
    ],
    measured: [place({ traderId: 3, side: 'sell', price: 1_500 })],
  }),
  '10,000 stop orders at once that trade': () => ({
    before: [
      ...[online, place({ price: 1_500 }), ...bids(10_000)],
      ...many(10_000, (i) =>
        place({ ...stop, traderId: 2_000 + (i % 1_000), price: null, timeInForce: 'IOC' }),
      ),
    ],
    measured: [place({ traderId: 3, side: 'sell', price: 1_500 })],
  }),
  'an uncross of 40,000 orders': () => ({
    before: [product('auction', 1), ...gathered(40_000)],
    measured: [product('online', 2)],
  }),
  'all-or-none batches of 999 orders': () => ({
    before: [online],
    measured: many(20, () => [{ kind: 'batch', count: 999, ...origin } as const, ...bids(999)]).flat(),
  }),
  'cancels of 20,000 orders': () => ({
    before: [online, ...bids(20_000)],
    measured: many(20_000, (i) => ({
      ...{ kind: 'cancel', traderId: 1 + (i % 1_000), orderId: 2 + i, productId: null, ...origin },
    })),
  }),
  'orders that expire, 2,500 a command': () => ({
    before: [online, ...bids(20_000, { expireTime: 1, timeInForce: 'GTT' })],
    measured: many(8, () => ({ kind: 'time', productId, until: 2, ...origin })),
  }),
};
