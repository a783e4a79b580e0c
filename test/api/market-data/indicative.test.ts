import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { createBookTexts } from '../../../api/market-data/book-texts.ts';
import { addToView, bookOf, newView, productView, type View } from '../../../api/market-data/view.ts';
import type { Product } from '../../../core/product.ts';
import type { Place } from '../../../core/wire/commands.ts';
import { placeCommand, productCommand } from '../../support/commands.ts';
import { auctionPrice } from '../../support/naive-auction.ts';
import { applyNaively, newNaiveExchange } from '../../support/naive-book.ts';
import { seed } from '../../support/seed.ts';

const product = {
  ...{ productId: 'A-USD', status: 'auction', tick: { digits: 2, units: 1 }, lot: { digits: 0, units: 1 } },
} as Product;

function viewOf(places: readonly Place[], last: number | null): View {
  const view = newView(0, 1_700_000_000_000);
  const shown = productView(view, 'A-USD');
  places.forEach(({ side, price, size }, i) => {
    addToView(view, shown, {
      ...{ orderId: i + 1, traderId: 1, productId: 'A-USD', side, price: price!, remaining: size! },
    });
    shown.feedSequence++;
  });
  const trade = { tradeId: 1, makerOrderId: 1, takerOrderId: 2, takerSide: 'buy', size: 1, time: 0 } as const;
  if (last !== null) shown.lastTrade = { ...trade, price: last };
  return view;
}

const order = fc
  .record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    price: fc.integer({ min: 1, max: 12 }),
    size: fc.integer({ min: 1, max: 5 }),
  })
  .map(placeCommand);

test('what is shown while orders gather is what the auction comes to if it ends then', (t) => {
  let crossed = 0;
  const orders = fc.array(order, { maxLength: 14 });
  const last = fc.option(fc.integer({ min: 1, max: 14 }));
  fc.assert(
    fc.property(orders, last, (places, last) => {
      const naive = newNaiveExchange();
      const commands = [productCommand({ status: 'auction' }), ...places];
      for (const command of commands) applyNaively(naive, command);
      Object.assign(naive.products.get('A-USD')!, { last });
      const price = auctionPrice(naive, 'A-USD');
      const { events } = applyNaively(naive, productCommand());
      const size = events.reduce((sum, event) => sum + (event.kind === 'match' ? event.size : 0), 0);
      const found = bookOf(viewOf(places, last), 'A-USD', 1).indicative();
      assert.deepEqual(found, price === null ? null : { price, size });
      if (price !== null) crossed++;
    }),
    { numRuns: 2_000, seed },
  );
  t.true(crossed > 500);
});

test('sums beyond 2^53 are exact', (t) => {
  const large = Number.MAX_SAFE_INTEGER;
  const buy = (size: number) => placeCommand({ side: 'buy', price: 2, size });
  const sell = (size: number) => placeCommand({ side: 'sell', price: 1, size });
  const view = viewOf([buy(large), buy(large), sell(large), sell(large - 1)], 5);
  t.deepEqual(bookOf(view, 'A-USD', 1).indicative(), { price: 2, size: 2n * BigInt(large) - 1n });
});

test('each text of a book in an auction has it, small or large, and none once the product is online', async (t) => {
  const places = Array.from({ length: 12_000 }, (_, i) =>
    placeCommand({ side: i % 2 === 0 ? 'buy' : 'sell', price: i % 2 === 0 ? 200 : 100 + (i % 100), size: 2 }),
  );
  const view = viewOf(places, 130);
  const texts = createBookTexts({
    book: (id, depth = Number.POSITIVE_INFINITY) => bookOf(view, id, depth),
  });
  for (const level of [1, 2, 3] as const) {
    const { auction, auction_mode } = JSON.parse(String(await texts(product, level)));
    t.true(auction_mode);
    t.deepEqual(auction, {
      ...{ open_price: '1.99', open_size: '12000', best_bid_price: '2.00', best_bid_size: '12000' },
      ...{ best_ask_price: '1.01', best_ask_size: '240', auction_state: 'collection', can_open: 'yes' },
      time: auction.time,
    });
    const online = JSON.parse(String(await texts({ ...product, status: 'online' }, level)));
    t.like(online, { auction_mode: false, auction: null });
  }
});
