import test from 'ava';
import { createSnapshots } from '../../../api/feed/snapshots.ts';
import { addToView, bookOf, newView, productView } from '../../../api/market-data/view.ts';
import type { ListedProduct } from '../../../api/products/catalogue.ts';
import type { Shards } from '../../../api/shard/shards.ts';
import { createPriceBook } from '../../support/feed-book.ts';
import type { Message } from '../../support/socket.ts';

const product = {
  productId: 'A-USD',
  tick: { digits: 2, units: 1 },
  lot: { digits: 0, units: 1 },
} as ListedProduct;

/** A book of so many prices, and what a socket that comes now is sent of it. */
function bookOfLevels(levels: number) {
  const view = newView(0, 1_700_000_000_000);
  const add = (orderId: number, price: number): void => {
    const a = productView(view, 'A-USD');
    const side = price < levels ? 'buy' : 'sell';
    addToView(view, a, { orderId, traderId: 1, productId: 'A-USD', side, price, remaining: 1 });
    a.feedSequence += 2;
  };
  for (let i = 1; i <= levels; i++) add(i, levels / 2 + i);
  const marketData = {
    book: (id: string, depth = Number.POSITIVE_INFINITY) => bookOf(view, id, depth),
    feedSequence: () => view.products.get('A-USD')!.feedSequence,
  };
  const snapshots = createSnapshots({ ofProduct: () => ({ marketData }) } as unknown as Shards);
  const messages = (): Message[] =>
    snapshots.framesOf(product).map((frame) => JSON.parse(String(frame.subarray(frame.indexOf('{')))));
  return { add, messages, prepare: () => snapshots.prepare(product), now: () => bookOf(view, 'A-USD', 1e9) };
}

test('a small book is one snapshot, and the same bytes for all who ask before it changes', async (t) => {
  const { add, messages, prepare } = bookOfLevels(100);
  await prepare();
  t.deepEqual(
    messages().map(({ type }) => type),
    ['snapshot'],
  );
  add(1_000, 60);
  const [message, ...more] = messages();
  t.deepEqual(more, []);
  t.is(message.sequence, 202);
});

test('a large book is written in turns, and what changes meanwhile follows it', async (t) => {
  const { add, messages, prepare, now } = bookOfLevels(20_000);
  const prepared = prepare();
  add(30_000, 10_500); // of a price that there was
  add(30_001, 40_000);
  let turns = 0;
  let isReady = false;
  const count = (): void => {
    turns++;
    if (!isReady) setImmediate(count);
  };
  setImmediate(count);
  await prepared;
  isReady = true;
  t.true(turns >= 4, `${turns} turns of others between`);
  const [snapshot, update, ...more] = messages();
  t.deepEqual(more, []);
  t.is(snapshot.type, 'snapshot');
  t.is(snapshot.sequence, 40_000);
  t.deepEqual(update.changes, [
    ['buy', '105.00', '2'],
    ['sell', '400.00', '1'],
  ]);
  t.is(update.sequence, 40_004);
  const book = createPriceBook();
  book.apply(snapshot);
  t.is(book.checksum(), snapshot.checksum);
  book.apply(update);
  t.is(book.checksum(), update.checksum);
  t.is(book.rows('buy').length + book.rows('sell').length, now().bids.length + now().asks.length);
});
