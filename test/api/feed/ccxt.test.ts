// CCXT's WebSocket methods, with nothing changed but the URLs.

import test from 'ava';
import { pro } from 'ccxt';
import { type Exchange, startExchange } from '../../support/exchange.ts';

let exchange: Exchange;
const symbol = 'VIBRANIUM/USD';
const product_id = 'VIBRANIUM-USD';

test.before(async () => {
  exchange = await startExchange();
  for (const traderId of [1, 2]) {
    await exchange.deposit(traderId, 'USD', '100000.00');
    await exchange.deposit(traderId, 'VIBRANIUM', '1000');
  }
});
test.after.always(() => exchange?.stop());

test('CCXT watches the book, trades and ticker, and a trader its own orders and trades', async (t) => {
  const permissions = ['view', 'trade'];
  const { body } = await exchange.operator.post('/api-keys', { trader_id: 1, permissions });
  const { key: apiKey, secret, passphrase: password } = body;
  const client = new pro.coinbaseexchange({ apiKey, secret, password, enableRateLimit: false });
  t.teardown(() => client.close());
  const ws = exchange.baseUrl.replace('http', 'ws');
  client.urls.api = { public: exchange.baseUrl, private: exchange.baseUrl, ws } as never;
  await client.loadHttpProxyAgent();
  const [alice, bob] = [await exchange.trader(1), await exchange.trader(2)];
  await bob.post('/orders', { product_id, side: 'sell', price: '5.00', size: '4' });

  const book = await client.watchOrderBook(symbol);
  t.deepEqual(book.asks[0]!.slice(0, 2), [5, 4]);
  const [trades, orders, myTrades, ticker] = [
    client.watchTrades(symbol),
    client.watchOrders(symbol),
    client.watchMyTrades(symbol),
    client.watchTicker(symbol),
  ];
  await new Promise((resolve) => setTimeout(resolve, 500)); // until it has subscribed
  const placed = await alice.post('/orders', {
    product_id,
    side: 'buy',
    price: '5.00',
    size: '3',
    client_oid: 'watched',
  });
  t.like((await trades)[0], { price: 5, amount: 3, side: 'buy', symbol });
  t.like((await orders)[0], { id: placed.body.id, side: 'buy', price: 5, amount: 3, symbol });
  t.like((await myTrades)[0], {
    order: placed.body.id,
    price: 5,
    amount: 3,
    takerOrMaker: 'taker',
    side: 'buy',
  });
  t.like(await ticker, { last: 5, ask: 5, symbol });
  while (book.asks[0]![1] !== 1) await client.watchOrderBook(symbol);
  t.pass();
});

test('CCXT is told in its own words that a key is wrong', async (t) => {
  const wrong = { apiKey: 'a'.repeat(32), secret: 'c2VjcmV0', password: 'nothing' };
  const client = new pro.coinbaseexchange({ ...wrong, enableRateLimit: false });
  t.teardown(() => client.close());
  const ws = exchange.baseUrl.replace('http', 'ws');
  client.urls.api = { public: exchange.baseUrl, private: exchange.baseUrl, ws } as never;
  await client.loadHttpProxyAgent();
  await t.throwsAsync(client.watchOrders(symbol), { name: 'AuthenticationError' });
});
