import test from 'ava';
import type { Channel } from '../../../api/feed/channel.ts';
import { added, presentSubscriptions, removed, type Subscriptions } from '../../../api/feed/subscriptions.ts';

const level2 = { name: 'level2', of: 'products' } as Channel;
const matches = { name: 'matches', of: 'products' } as Channel;
const user = { name: 'user', of: 'own products' } as Channel;

const products = (from: number, count: number): Set<string> =>
  new Set(Array.from({ length: count }, (_, i) => `P${from + i}-USD`));
const countOf = (subscriptions: Subscriptions): number =>
  [...subscriptions.values()].reduce((sum, ids) => sum + ids.size, 0);

test('a socket has 2,000 subscriptions at most, whichever they are, and may change them', (t) => {
  const { all: half } = added(new Map(), new Map([[level2, products(0, 1_000)]]));
  const { all: full } = added(half, new Map([[matches, products(0, 1_000)]]));
  t.is(countOf(full), 2_000);
  const message = 'there can be at most 2000 subscriptions on a socket';
  for (const more of [new Map([[level2, products(1_000, 1)]]), new Map([[user, null]])])
    t.throws(() => added(full, more), { message });
  const again = added(full, new Map([[level2, products(0, 1_000)]]));
  t.is(countOf(again.all), 2_000, 'to subscribe again adds nothing');
  t.is(countOf(again.fresh), 0);
  const fewer = removed(full, new Map([[level2, products(0, 1)]]));
  t.is(countOf(added(fewer, new Map([[level2, products(1_000, 1)]])).all), 2_000);
});

test('a channel without products is dropped whole', (t) => {
  const { all } = added(
    new Map(),
    new Map([
      [level2, products(0, 2)],
      [matches, products(0, 1)],
    ]),
  );
  t.deepEqual(presentSubscriptions(removed(all, new Map([[level2, null]]))).channels, [
    { name: 'matches', product_ids: ['P0-USD'] },
  ]);
});
