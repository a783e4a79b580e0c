import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;

test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

test('a new product opens by an auction: orders gather, the book says what it would come to, and all trade at that', async (t) => {
  const { operator, anonymous } = exchange;
  const product_id = await exchange.addProduct({ status: 'auction' });
  t.like((await anonymous.get(`/products/${product_id}`)).body, { status: 'online', auction_mode: true });
  const bookOf = async () => (await anonymous.get(`/products/${product_id}/book`)).body;
  const nothing = { open_price: null, open_size: '0', best_bid_price: null, best_bid_size: null };
  t.like((await bookOf()).auction, { ...nothing, can_open: 'no', auction_state: 'collection' });

  const [ann, bob] = [await exchange.trader(1), await exchange.trader(2)];
  const buy = { product_id, side: 'buy', price: '5.00', size: '3' };
  const sell = { product_id, side: 'sell', price: '4.00', size: '2' };
  const bid = (await ann.post('/orders', buy)).body;
  const ask = (await bob.post('/orders', sell)).body;
  for (const { status } of [bid, ask]) t.is(status, 'open');
  for (const refused of [
    { type: 'market', size: '1' },
    { ...sell, time_in_force: 'IOC' },
    { ...sell, post_only: true },
  ])
    t.like(await bob.post('/orders', { product_id, side: 'sell', ...refused }), {
      status: 400,
      body: { message: 'Auction mode: the product takes limit orders now that may wait, and stop orders' },
    });
  await until(async () => (await bookOf()).auction.can_open === 'yes');
  const gathered = await bookOf();
  t.like(gathered.auction, {
    open_price: '4.50',
    open_size: '2',
    best_bid_price: '5.00',
    best_ask_size: '2',
  });
  t.deepEqual([gathered.bids, gathered.asks], [[['5.00', '3', 1]], [['4.00', '2', 1]]]);
  t.deepEqual((await anonymous.get(`/products/${product_id}/trades`)).body, []);

  t.like((await operator.put(`/products/${product_id}`, { status: 'online' })).body, { auction_mode: false });
  t.like((await bob.get(`/orders/${ask.id}`)).body, {
    ...{ status: 'done', done_reason: 'filled', filled_size: '2', executed_value: '9.00' },
  });
  t.like((await ann.get(`/orders/${bid.id}`)).body, {
    status: 'open',
    filled_size: '2',
    executed_value: '9.00',
  });
  t.like((await ann.get(`/fills?order_id=${bid.id}`)).body, [{ price: '4.50', size: '2', liquidity: 'M' }]);
  t.like((await bob.get(`/fills?order_id=${ask.id}`)).body, [{ price: '4.50', size: '2', liquidity: 'T' }]);
  t.like(await bookOf(), { auction_mode: false, auction: null, bids: [['5.00', '1', 1]], asks: [] });
});
