// Clients that were written for Coinbase Exchange trade here with nothing changed but their base URL and key.

import test, { type ExecutionContext } from 'ava';
import { coinbaseexchange } from 'ccxt';
import { CBExchangeClient, WebsocketClient } from 'coinbase-api';
import {
  CoinbasePro,
  OrderSide,
  OrderType,
  WebSocketChannelName,
  WebSocketEvent,
  type WebSocketResponse,
} from 'coinbase-pro-node';
import { type Exchange, startExchange } from '../support/exchange.ts';
import type { Client } from '../support/http.ts';
import type { ApiKey } from '../support/signed.ts';
import { until } from '../support/until.ts';

let exchange: Exchange;
const product = 'VIBRANIUM-USD';
const symbol = 'VIBRANIUM/USD';

test.before(async () => {
  exchange = await startExchange({ env: { RATE_LIMITS: 'off' } });
  for (const traderId of [1, 2, 3, 4]) {
    await exchange.deposit(traderId, 'USD', '100000.00');
    await exchange.deposit(traderId, 'VIBRANIUM', '1000');
  }
});
test.after.always(() => exchange?.stop());

async function keyOf(traderId: number): Promise<ApiKey> {
  const permissions = ['view', 'trade'];
  return (await exchange.operator.post('/api-keys', { trader_id: traderId, permissions })).body;
}

/** Somebody sells at a price that nobody else asks for. */
async function offer(price: string, size: string): Promise<void> {
  const seller = await exchange.trader(4);
  const { body } = await seller.post('/orders', { product_id: product, side: 'sell', price, size });
  if (body.status !== 'open') throw new Error(JSON.stringify(body));
}

test.serial('CCXT reads, places, cancels and reads again', async (t) => {
  const { key, secret, passphrase } = await keyOf(1);
  const ccxt = new coinbaseexchange({ apiKey: key, secret, password: passphrase, enableRateLimit: false });
  ccxt.urls.api = { public: exchange.baseUrl, private: exchange.baseUrl } as never;
  await offer('500.00', '2');
  t.true(Math.abs((await ccxt.fetchTime())! - Date.now()) < 5_000);
  t.true(symbol in (await ccxt.loadMarkets()));
  t.deepEqual((await ccxt.fetchOrderBook(symbol)).asks[0]!.slice(0, 2), [500, 2]);
  t.is((await ccxt.fetchBalance()).USD!.free, 100_000);

  const placed = await ccxt.createOrder(symbol, 'limit', 'buy', 2, 10, { clientOrderId: 'ccxt-1' });
  const resting = { status: placed.status, id: placed.id! };
  t.is(resting.status, 'open');
  t.is((await ccxt.fetchOrder(resting.id)).clientOrderId, 'ccxt-1');
  t.deepEqual(
    (await ccxt.fetchOpenOrders(symbol)).map(({ id }) => id),
    [resting.id],
  );
  await ccxt.cancelOrder(resting.id, symbol);
  t.is((await ccxt.fetchOrder(resting.id)).status, 'canceled');
  await t.throwsAsync(ccxt.cancelOrder(resting.id), { name: 'OrderNotFound' });

  const first = await ccxt.createOrder(symbol, 'limit', 'buy', 2, 10);
  // For this exchange CCXT amends by a cancel and a new order.
  const edited = await ccxt.editOrder(first.id!, symbol, 'limit', 'buy', 3, 11);
  t.like(edited, { status: 'open', amount: 3, price: 11 });
  t.is((await ccxt.fetchOrder(first.id!)).status, 'canceled');
  await ccxt.cancelOrder(edited.id!, symbol);

  const bought = await ccxt.createOrder(symbol, 'market', 'buy', 2);
  t.like(bought, { status: 'closed', filled: 2, cost: 1_000 });
  const [trade] = await ccxt.fetchMyTrades(symbol);
  t.like(trade, { side: 'buy', price: 500, amount: 2, takerOrMaker: 'taker' });
  t.is((await ccxt.fetchOrderTrades(bought.id!, symbol)).length, 1);
  t.is((await ccxt.fetchTrades(symbol))[0]!.side, 'buy');
  const two = await Promise.all([10, 11].map((price) => ccxt.createOrder(symbol, 'limit', 'buy', 1, price)));
  const [canceled] = (await ccxt.cancelAllOrders(symbol)) as { info: string[] }[];
  t.deepEqual([...canceled!.info].sort(), two.map(({ id }) => id).sort());
  t.deepEqual(await ccxt.fetchOpenOrders(symbol), []);
  t.is((await ccxt.fetchClosedOrders(symbol)).length, 6);
  t.true((await ccxt.fetchLedger('USD')).length > 0);

  await t.throwsAsync(ccxt.createOrder(symbol, 'limit', 'buy', 1_000_000, 1_000), {
    name: 'InsufficientFunds',
  });
  await t.throwsAsync(ccxt.fetchOrder('999999999'), { name: 'OrderNotFound' });
  await t.throwsAsync(ccxt.fetchOrder('nonsense'), { name: 'InvalidOrder' });
  ccxt.secret = Buffer.from('another secret').toString('base64');
  await t.throwsAsync(ccxt.fetchBalance(), { name: 'AuthenticationError' });
});

test.serial('coinbase-pro-node places, cancels and reads', async (t) => {
  const { key, secret, passphrase } = await keyOf(2);
  const { rest } = new CoinbasePro({
    ...{ apiKey: key, apiSecret: secret, passphrase },
    ...{ httpUrl: exchange.baseUrl, wsUrl: exchange.baseUrl.replace('http', 'ws') },
  });
  await offer('600.00', '1');
  t.true((await rest.product.getProducts()).some(({ id }) => id === product));
  const [usd] = await rest.account.listAccounts();
  t.is((await rest.account.getAccount(usd!.id)).currency, usd!.currency);
  const order = { type: OrderType.LIMIT, product_id: product, side: OrderSide.BUY, size: '1' } as const;
  const resting = await rest.order.placeOrder({ ...order, price: '20.00', client_oid: 'node-1' });
  t.is(resting.status as string, 'open');
  t.is((await rest.order.getOrder('client:node-1'))!.id, resting.id);
  t.deepEqual(
    (await rest.order.getOrders()).data.map(({ id }) => id),
    [resting.id],
  );
  t.is(await rest.order.cancelOrder(resting.id, product), resting.id);
  t.is(await rest.order.getOrder('999999999'), null);
  const bought = await rest.order.placeOrder({ ...order, price: '600.00' });
  const fills = await rest.fill.getFillsByOrderId(bought.id);
  t.like(fills.data[0], { price: '600.00', side: 'buy', liquidity: 'T' });
  t.is(fills.pagination.after, String(fills.data[0]!.trade_id));
  await rest.order.placeOrder({ ...order, price: '20.00' });
  t.is((await rest.order.cancelOpenOrders(product)).length, 1);
  t.is((await rest.user.verifyAuthentication()).id, '2');
});

test.serial('coinbase-api places, cancels and reads', async (t) => {
  const { key, secret, passphrase } = await keyOf(3);
  const client = new CBExchangeClient({
    ...{ apiKey: key, apiSecret: secret, apiPassphrase: passphrase, baseUrl: exchange.baseUrl },
  });
  await offer('700.00', '1');
  t.true((await client.getAccounts()).length >= 2);
  // It writes a client_oid of its own into what it is given.
  const order = (price: string) =>
    ({ product_id: product, type: 'limit', side: 'buy', size: '1', price }) as const;
  const resting = await client.submitOrder(order('30.00'));
  t.is(resting.status, 'open');
  t.regex(resting.client_oid, /^cbnode/);
  t.is((await client.getOrder({ order_id: resting.id })).id, resting.id);
  t.deepEqual(
    (await client.getOrders()).map(({ id }: { id: string }) => id),
    [resting.id],
  );
  t.is(await client.cancelOrder({ order_id: resting.id }), resting.id);
  const bought = await client.submitOrder(order('700.00'));
  t.is((await client.getFills({ order_id: bought.id }))[0].price, '700.00');
  await client.submitOrder(order('30.00'));
  t.is((await client.cancelAllOrders({ product_id: product })).length, 1);
});

/** Buys all that somebody offers at a price, under the eyes of those who watch. */
async function trade(trader: Client, price: string): Promise<string> {
  await offer(price, '2');
  const { body } = await trader.post('/orders', { product_id: product, side: 'buy', price, size: '2' });
  if (body.status !== 'done') throw new Error(JSON.stringify(body));
  return body.id;
}

// The order rests, is amended by REST, which neither client can, and canceled; then another one trades.
async function live(traderId: number): Promise<{ resting: string; bought: string }> {
  const trader = await exchange.trader(traderId);
  const { id } = (
    await trader.post('/orders', { product_id: product, side: 'buy', price: '40.00', size: '2' })
  ).body;
  await trader.put(`/orders/${id}`, { price: '41.00', size: '1' });
  await trader.delete(`/orders/${id}`);
  return { resting: id, bought: await trade(trader, `80${traderId}.00`) };
}

type Told = { type: string; order_id?: string; taker_order_id?: string; [field: string]: unknown };

/** What a client that watches `level2`, `matches`, `ticker` and `user` must have been told of what `live` does. */
async function assertWatched(
  t: ExecutionContext,
  told: readonly Told[],
  did: Awaited<ReturnType<typeof live>>,
) {
  const of = (type: string, id: string) =>
    told.find((one) => one.type === type && (one.order_id === id || one.taker_order_id === id));
  await until(() => of('done', did.bought) !== undefined && told.some(({ type }) => type === 'ticker'));
  t.like(of('received', did.resting), { side: 'buy', price: '40.00', size: '2' });
  t.like(of('open', did.resting), { price: '40.00', remaining_size: '2' });
  t.like(of('change', did.resting), { reason: 'modify_order', new_size: '1', new_price: '41.00' });
  t.like(of('done', did.resting), { reason: 'canceled', remaining_size: '1' });
  t.like(of('match', did.bought), { side: 'sell', size: '2', product_id: product });
  t.is(of('done', did.bought)!.reason, 'filled');
  const changes = told.filter(({ type }) => type === 'l2update').flatMap((one) => one.changes as string[][]);
  for (const change of [
    ['buy', '40.00', '2'],
    ['buy', '40.00', '0'],
    ['buy', '41.00', '1'],
    ['buy', '41.00', '0'],
  ])
    t.true(
      changes.some((one) => one.join() === change.join()),
      `${change} of ${JSON.stringify(changes)}`,
    );
}

test.serial('coinbase-pro-node watches the book, trades, the ticker and its own orders', async (t) => {
  const { key, secret, passphrase } = await keyOf(2);
  const { ws } = new CoinbasePro({
    ...{ apiKey: key, apiSecret: secret, passphrase },
    ...{ httpUrl: exchange.baseUrl, wsUrl: exchange.baseUrl.replace('http', 'ws') },
  });
  const told: Told[] = [];
  ws.on(WebSocketEvent.ON_MESSAGE, (message: WebSocketResponse) => told.push(message as Told));
  const opened = new Promise((resolve) => ws.once(WebSocketEvent.ON_OPEN, resolve));
  ws.connect();
  t.teardown(() => ws.disconnect());
  await opened;
  const { LEVEL2, MATCHES, TICKER, USER } = WebSocketChannelName;
  await ws.subscribe([LEVEL2, MATCHES, TICKER, USER].map((name) => ({ name, product_ids: [product] })));
  await until(() => told.some(({ type }) => type === 'snapshot'));
  await assertWatched(t, told, await live(2));
});

test.serial('coinbase-api watches the book, trades, the ticker and its own orders', async (t) => {
  const { key, secret, passphrase } = await keyOf(3);
  const silent = { trace: () => {}, info: () => {}, error: () => {} };
  const client = new WebsocketClient(
    {
      ...{ apiKey: key, apiSecret: secret, apiPassphrase: passphrase },
      wsUrl: exchange.baseUrl.replace('http', 'ws'),
    },
    silent,
  );
  const told: Told[] = [];
  const refused: unknown[] = [];
  client.on('update', (message) => told.push(message as Told));
  client.on('exception', (message) => refused.push(message));
  t.teardown(() => client.closeAll(true));
  const payload = { product_ids: [product] };
  client.subscribe(
    ['level2', 'matches', 'ticker', 'user'].map((topic) => ({ topic, payload })),
    'exchangeDirectMarketData',
  );
  await until(() => told.some(({ type }) => type === 'snapshot'));
  await assertWatched(t, told, await live(3));
  t.deepEqual(refused, []);
});
