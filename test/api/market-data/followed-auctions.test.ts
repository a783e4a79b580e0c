import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createFollowedAuctions } from '../../../api/market-data/followed-auctions.ts';
import type { Auction } from '../../../api/market-data/presentation.ts';
import { createTimeBudget } from '../../../api/market-data/time-budget.ts';
import type { ListedProduct } from '../../../api/products/catalogue.ts';
import type { ProductStatus } from '../../../core/product.ts';
import { decodeReports } from '../../../core/wire/decode-reports.ts';
import { until } from '../../support/until.ts';

const product = { productId: 'A-USD', shard: 'main' } as ListedProduct;

/** Auctions of a product whose opening price is set by hand, and how often it was computed. */
function followedAuctions(t: ExecutionContext, takesMs = 0) {
  const state = { status: 'auction' as ProductStatus, price: '1.00', sequence: 0, computed: 0 };
  const auctions = createFollowedAuctions({
    make: ({ productId: product_id }, ended) => {
      if (!ended) state.computed++;
      for (const end = performance.now() + takesMs; performance.now() < end; );
      const auction_state = ended?.state ?? 'collection';
      const open_price = ended ? ended.opened && String(ended.opened.price) : state.price;
      return { product_id, sequence: state.sequence, auction_state, open_price } as Auction;
    },
    isThere: () => true,
    catalogue: { product: (id) => (id === product.productId ? product : undefined) },
    budget: createTimeBudget(),
    statusOf: () => state.status,
  });
  t.teardown(auctions.close);
  /** A command of the product comes, and this is the price since. */
  const change = (price: string): void => {
    state.price = price;
    const line = `${++state.sequence} ok A-USD 0 cancel 1 1 - 1700000000000 -`;
    for (const report of decodeReports(line)) auctions.report(report);
  };
  const told: (string | null)[] = [];
  const tell = ({ open_price, auction_state }: Auction): void => {
    told.push(auction_state === 'collection' ? open_price : `${auction_state} ${open_price}`);
  };
  return { state, auctions, change, told, tell };
}

test('what changes within some milliseconds is one message, and one that would say the same is none', async (t) => {
  const { state, auctions, change, told, tell } = followedAuctions(t);
  auctions.follow(product, tell);
  t.deepEqual(told, ['1.00'], 'at once');
  for (let i = 0; i < 1_000; i++) change(`${i}.00`);
  t.deepEqual([told, state.computed], [['1.00'], 1]);
  await until(() => told.length > 1);
  t.deepEqual([told, state.computed], [['1.00', '999.00'], 2]);
  change('5.00');
  change('999.00');
  await until(() => state.computed === 3);
  t.is(told.length, 2);
});

test('all who follow are told the same, the later one what was told last, and for nobody nothing is computed', async (t) => {
  const { state, auctions, change, told, tell } = followedAuctions(t);
  const others: Auction[] = [];
  const unfollow = auctions.follow(product, tell);
  const unfollowOther = auctions.follow(product, (auction) => others.push(auction));
  t.is(others[0], auctions.told('A-USD')!);
  t.is(state.computed, 1);
  unfollow();
  change('2.00');
  await until(() => others.length > 1);
  t.deepEqual([told, others.map(({ open_price }) => open_price)], [['1.00'], ['1.00', '2.00']]);
  unfollowOther();
  unfollowOther();
  t.is(auctions.told('A-USD'), null);
  change('3.00');
  await sleep(100);
  t.is(state.computed, 2);
});

test('behind a large auction lies a rest of four times what it took, also for those of others', async (t) => {
  const { state, auctions, change, told, tell } = followedAuctions(t, 50);
  auctions.follow(product, tell);
  const began = performance.now();
  change('2.00');
  await until(() => told.length > 1);
  const took = performance.now() - began;
  t.true(took > 150, `${took} ms`);
  t.is(state.computed, 2);
});

test('an end that was missed while the book was built anew is told without a price', async (t) => {
  const { state, auctions, told, tell } = followedAuctions(t);
  auctions.follow(product, tell);
  auctions.reset('other');
  state.status = 'online';
  await sleep(100);
  t.deepEqual(told, ['1.00']);
  auctions.reset('main');
  await until(() => told.length > 1);
  t.deepEqual(told, ['1.00', 'complete null']);
});
