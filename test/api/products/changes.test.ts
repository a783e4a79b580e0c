import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';

let exchange: Exchange;
let operator: Client;

test.before(async () => {
  exchange = await startExchange();
  operator = exchange.operator;
});
test.after.always(() => exchange?.stop());

test('changes of one product at once are all made', async (t) => {
  const product = await exchange.addProduct();
  const changes = [{ max_price: '90' }, { base_max_size: '80' }, { stp: 'cb' }, { min_price: '0.05' }];
  const answers = await Promise.all(changes.map((change) => operator.put(`/products/${product}`, change)));
  for (const { status } of answers) t.is(status, 200);
  t.like((await operator.get(`/products/${product}`)).body, {
    ...{ max_price: '90.00', base_max_size: '80', stp: 'cb', min_price: '0.05' },
  });
});

test('how many makers an order may meet is a rule of the product that operators can set', async (t) => {
  const product = await exchange.addProduct({ max_makers: 3 });
  t.is((await operator.get(`/products/${product}`)).body.max_makers, 3);
  for (const max_makers of [0, 10_001, 1.5, '3'])
    t.is((await operator.put(`/products/${product}`, { max_makers })).status, 400, String(max_makers));
  t.is((await operator.put(`/products/${product}`, { max_makers: 2 })).status, 200);
  const [maker, taker] = [await exchange.trader(1), await exchange.trader(2)];
  const sell = { product_id: product, side: 'sell', price: '1.00', size: '1' };
  for (let i = 0; i < 3; i++) t.is((await maker.post('/orders', sell)).body.status, 'open');
  const { body } = await taker.post('/orders', { ...sell, side: 'buy', size: '3' });
  t.like(body, { status: 'done', filled_size: '2' });
});

const statuses: [from: string, body: Record<string, unknown>, to: string][] = [
  ['offline', { cancel_only: false }, 'offline'],
  ['offline', { trading_disabled: false }, 'online'],
  ['offline', { status: 'online' }, 'online'],
  ['offline', { max_price: '99' }, 'offline'],
  ['cancel_only', { cancel_only: false }, 'online'],
  ['cancel_only', { trading_disabled: false }, 'cancel_only'],
  ['cancel_only', { trading_disabled: true }, 'offline'],
  ['cancel_only', { stp: 'dc' }, 'cancel_only'],
  ['online', { cancel_only: true }, 'cancel_only'],
  ['online', { status: 'auction' }, 'auction'],
  ['online', { auction_mode: true }, 'auction'],
  ['auction', { max_price: '99' }, 'auction'],
  ['auction', { status: 'online', auction_mode: true }, 'auction'],
  ['auction', { auction_mode: false }, 'online'],
  ['auction', { status: 'online' }, 'online'],
  ['auction', { cancel_only: true }, 'cancel_only'],
  ['cancel_only', { auction_mode: false }, 'cancel_only'],
  ['online', { cancel_only: null, trading_disabled: null }, 'online'],
];

test('a change of the status says what it ends, and nothing else', async (t) => {
  for (const [from, body, to] of statuses) {
    const product = await exchange.addProduct();
    await operator.put(`/products/${product}`, { status: from });
    const answer = await operator.put(`/products/${product}`, body);
    const { status, cancel_only, auction_mode, trading_disabled } = answer.body;
    const open = auction_mode ? 'auction' : status;
    const shown = trading_disabled ? 'offline' : cancel_only ? 'cancel_only' : open;
    t.is(shown, to, `${from} ${JSON.stringify(body)}`);
  }
});

const increments: Record<string, string>[] = [
  { quote_increment: '0.0001', base_increment: '100000', max_price: '1', base_max_size: '100000000' },
  { quote_increment: '0.25', base_increment: '0.4', max_price: '1000', base_max_size: '400' },
  { quote_increment: '0.0000005', base_increment: '3', max_price: '0.01', base_max_size: '3000' },
  { quote_increment: '2.50', base_increment: '0.001', max_price: '1000', base_max_size: '10' },
];

test('a product of any increments can be paused, and takes its own answer as a change', async (t) => {
  for (const said of increments) {
    const product = await exchange.addProduct(said);
    const { body } = await operator.get(`/products/${product}`);
    const same = await operator.put(`/products/${product}`, body);
    t.deepEqual([same.status, same.body], [200, body], JSON.stringify(said));
    const paused = await operator.put(`/products/${product}`, { status: 'offline' });
    t.is(paused.status, 200, JSON.stringify(said));
    for (const name of ['quote_increment', 'base_increment']) {
      const { status, body: refused } = await operator.put(`/products/${product}`, { [name]: '7' });
      t.deepEqual([status, refused.message], [400, `Invalid ${name}: cannot change; add another product`]);
    }
  }
});

test('a product of one currency is refused', async (t) => {
  const body = {
    id: 'USD-USD',
    quote_increment: '1',
    base_increment: '1',
    max_price: '1',
    base_max_size: '1',
  };
  const answer = await operator.post('/products', body);
  t.deepEqual([answer.status, answer.body.message], [400, 'Invalid id: must be of two currencies']);
});

test('products that SQL adds are traded in every process within a second, and are answered once', async (t) => {
  const other = await exchange.start('api');
  t.truthy(other);
  const added = await exchange.addProduct();
  const { body } = await exchange.anonymous.get('/products');
  t.is(body.filter(({ id }: { id: string }) => id === added).length, 1);
});
