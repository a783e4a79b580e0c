import test from 'ava';
import { createBookTexts } from '../../../api/market-data/book-texts.ts';
import { presentBook } from '../../../api/market-data/presentation.ts';
import { addToView, bookOf, newView, productView, type View } from '../../../api/market-data/view.ts';
import { sleep } from '../../../core/lifecycle.ts';
import type { Product } from '../../../core/product.ts';

const product = {
  productId: 'A-USD',
  tick: { digits: 2, units: 1 },
  lot: { digits: 3, units: 5 },
} as Product;

function viewOf(orders: number): View {
  const view = newView(0, 1_700_000_000_000);
  for (let orderId = 1; orderId <= orders; orderId++) add(view, orderId);
  return view;
}

function add(view: View, orderId: number, remaining = orderId): void {
  const a = productView(view, 'A-USD');
  const side = orderId % 2 === 0 ? 'buy' : 'sell';
  const price = side === 'buy' ? (orderId % 997) + 1 : 1_000 + (orderId % 991);
  addToView(view, a, { orderId, traderId: 1, productId: 'A-USD', side, price, remaining });
  a.feedSequence += 2;
}

/** Texts of a view, and how often its whole book was looked at. */
function textsOf(view: View) {
  let looks = 0;
  const texts = createBookTexts({
    book: (productId, depth = Number.POSITIVE_INFINITY) => {
      if (depth > 1) looks++;
      return bookOf(view, productId, depth);
    },
  });
  return { texts, looks: () => looks };
}

const levels = [1, 2, 3] as const;
const plain = (view: View, level: 1 | 2 | 3) =>
  JSON.stringify(
    presentBook(bookOf(view, 'A-USD', level === 1 ? 1 : Number.POSITIVE_INFINITY), level, product),
  );

for (const orders of [0, 1, 500, 45_000])
  test(`the text of a book of ${orders} orders is its JSON`, async (t) => {
    const view = viewOf(orders);
    productView(view, 'A-USD');
    const { texts } = textsOf(view);
    for (const level of levels)
      t.true(String(await texts(product, level)) === plain(view, level), `level ${level}`);
  });

test('a book is written once for each change, however many ask', async (t) => {
  const view = viewOf(30_000);
  const { texts, looks } = textsOf(view);
  const some = await Promise.all(Array.from({ length: 100 }, () => texts(product, 3)));
  t.is(new Set(some).size, 1);
  t.is(await texts(product, 3), some[0]!);
  t.true(looks() <= 2);
  add(view, 30_001);
  t.true(String(await texts(product, 3)) === plain(view, 3));
});

test('a large book that changes while it is written is one that there was', async (t) => {
  const view = viewOf(45_000);
  const before = plain(view, 3);
  const { texts } = textsOf(view);
  const text = texts(product, 3);
  for (let orderId = 45_001; orderId < 45_010; orderId++) {
    add(view, orderId);
    await sleep(1);
  }
  t.true(String(await text) === before);
  t.true(String(await texts(product, 3)) === plain(view, 3), 'whoever asks later has what was added');
});

test('while no rest is due, a book is copied as it is asked for', async (t) => {
  const view = viewOf(30_000);
  const before = plain(view, 3);
  const { texts, looks } = textsOf(view);
  const text = texts(product, 3);
  add(view, 30_001);
  t.is(looks(), 1);
  t.true(String(await text) === before);
});

test('the sum of a price is exact beyond 2^53', (t) => {
  const view = newView(0, 1);
  for (const orderId of [2, 4, 6]) {
    const order = { orderId, traderId: 1, productId: 'A-USD', side: 'buy', price: 7 } as const;
    addToView(view, productView(view, 'A-USD'), { ...order, remaining: Number.MAX_SAFE_INTEGER });
  }
  const whole = { ...product, lot: { digits: 0, units: 1 } };
  for (const level of [1, 2] as const)
    t.deepEqual(presentBook(bookOf(view, 'A-USD', 1), level, whole).bids, [['0.07', '27021597764222973', 3]]);
});
