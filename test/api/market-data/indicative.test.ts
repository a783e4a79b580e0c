import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { createBookTexts } from '../../../api/market-data/book-texts.ts';
import type { Indicative } from '../../../api/market-data/market-data.ts';
import {
  addToView,
  applyToView,
  bookOf,
  newView,
  productView,
  type View,
} from '../../../api/market-data/view.ts';
import type { Product } from '../../../core/product.ts';
import type { Place } from '../../../core/wire/commands.ts';
import type { Report } from '../../../core/wire/reports.ts';
import { placeCommand, productCommand } from '../../support/commands.ts';
import { auctionOf } from '../../support/naive-auction.ts';
import { applyNaively, newNaiveExchange } from '../../support/naive-book.ts';
import { shownOf } from '../../support/naive-trading.ts';
import { commandsOf, drafts } from '../../support/random-commands.ts';
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
      const found = bookOf(viewOf(places, last), 'A-USD', 1).indicative();
      assert.deepEqual(found, auctionOf(naive, 'A-USD'));
      assertOpens(found, applyNaively(naive, productCommand()));
      if (found) crossed++;
    }),
    { numRuns: 2_000, seed },
  );
  t.true(crossed > 500);
});

/** What the matches of an uncross come to is what was shown before it. */
function assertOpens(shown: Indicative | null, { events }: Report): void {
  const opened = events.filter((event) => event.kind === 'match').filter(({ uncrosses }) => uncrosses);
  assert.deepEqual([...new Set(opened.map(({ price }) => price))], shown ? [shown.price] : []);
  assert.equal(
    opened.reduce((sum, { size }) => sum + size, 0),
    shown?.size ?? 0,
  );
}

test('at each step of random commands the view shows what the naive book would uncross to, and the uncross trades that', (t) => {
  const met = { shown: 0, rests: 0, opened: 0 };
  fc.assert(
    fc.property(drafts, fc.boolean(), (random, hides) => {
      const [naive, view] = [newNaiveExchange(), newView(0, 0)];
      for (const drafted of commandsOf(random)) {
        const isIceberg = drafted.kind === 'place' && drafted.maxFloor !== null;
        const command = isIceberg && !hides ? { ...drafted, maxFloor: null } : drafted;
        const opens = command.kind === 'product' && command.status === 'online' ? command.productId : null;
        const before = opens === null ? null : bookOf(view, opens, 1).indicative();
        const report = applyNaively(naive, command);
        applyToView(view, report);
        // Of icebergs the public knows the tips only.
        if (opens && !hides) assertOpens(before, report);
        if (before && !hides) met.opened++;
        for (const [productId, { status }] of naive.products) {
          if (status === 'online') continue;
          const shown = bookOf(view, productId, 1).indicative();
          assert.deepEqual(shown, auctionOf(naive, productId, shownOf), `${productId} at ${report.sequence}`);
          if (shown) met.shown++;
          if (shown?.rest) met.rests++;
        }
      }
    }),
    { numRuns: 300, seed },
  );
  t.log(met);
  t.true(met.shown > 0 && met.rests > 0 && met.opened > 0);
});

test('sums beyond 2^53 are exact', (t) => {
  const large = Number.MAX_SAFE_INTEGER;
  const buy = (size: number) => placeCommand({ side: 'buy', price: 2, size });
  const sell = (size: number) => placeCommand({ side: 'sell', price: 1, size });
  const view = viewOf([buy(large), buy(large), sell(large), sell(large - 1)], 5);
  t.deepEqual(bookOf(view, 'A-USD', 1).indicative(), {
    ...{ price: 2, size: 2n * BigInt(large) - 1n },
    rest: { side: 'buy', size: 1 },
  });
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
      ...{ imbalance_side: null, imbalance_size: '0' },
      ...{ open_price: '1.99', open_size: '12000', best_bid_price: '2.00', best_bid_size: '12000' },
      ...{ best_ask_price: '1.01', best_ask_size: '240', auction_state: 'collection', can_open: 'yes' },
      time: auction.time,
    });
    const online = JSON.parse(String(await texts({ ...product, status: 'online' }, level)));
    t.like(online, { auction_mode: false, auction: null });
  }
});
