import test, { type ExecutionContext } from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { killProcess, portOf } from '../../support/processes.ts';
import { type FeedClient, openSocket } from '../../support/socket.ts';

let exchange: Exchange;
let alice: Client;

test.before(async () => {
  exchange = await startExchange();
  alice = await exchange.trader(1);
});
test.after.always(() => exchange?.stop());

async function logOn(t: ExecutionContext, baseUrl: string): Promise<FeedClient> {
  const client = await openSocket(baseUrl);
  t.teardown(() => client.ws.terminate());
  const params = { token: await exchange.tokenOf(1), cancel_on_disconnect: true };
  client.send({ id: 'logon', method: 'session.logon', params });
  t.like(await client.next(), { id: 'logon', status: 200, result: { cancel_on_disconnect: true } });
  return client;
}

const order = (product_id: string, price: string) => ({ product_id, side: 'buy', price, size: '1' });

async function openPrices(product_id: string): Promise<string[]> {
  const { body } = await alice.get(`/orders?product_id=${product_id}`);
  return body.map(({ price }: { price: string }) => price).sort();
}

async function until(prices: string[], product_id: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (JSON.stringify(await openPrices(product_id)) === JSON.stringify(prices)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`open are ${await openPrices(product_id)}`);
}

test('what a session has placed is canceled when its socket ends, and nothing else', async (t) => {
  const product_id = await exchange.addProduct();
  await alice.post('/orders', order(product_id, '1.00'));
  const socket = await logOn(t, exchange.baseUrl);
  socket.send({ id: 1, method: 'order.place', params: order(product_id, '2.00') });
  await socket.next();
  socket.send({
    id: 2,
    method: 'order.batch',
    params: [order(product_id, '3.00'), order(product_id, '4.00')],
  });
  await socket.next();
  await alice.post('/orders', order(product_id, '5.00'));
  t.is((await openPrices(product_id)).length, 5);
  socket.ws.terminate();
  await until(['1.00', '5.00'], product_id);
  t.pass();
});

test('the same when the process that held the socket is killed', async (t) => {
  const product_id = await exchange.addProduct();
  const other = await exchange.start('api');
  const socket = await logOn(t, `http://127.0.0.1:${await portOf(other)}`);
  socket.send({ id: 1, method: 'order.place', params: order(product_id, '2.00') });
  await socket.next();
  await alice.post('/orders', order(product_id, '5.00'));
  const before = Date.now();
  await killProcess(other);
  await until(['5.00'], product_id);
  t.true(Date.now() - before > 1_000, 'the session was held until it was not renewed');
});

test('open orders are canceled unless it is put off in time', async (t) => {
  const [one, two] = [await exchange.addProduct(), await exchange.addProduct()];
  const bob = await exchange.trader(2);
  for (const product_id of [one, two]) await bob.post('/orders', order(product_id, '2.00'));
  const open = async () =>
    (await bob.get('/orders')).body.map(({ product_id }: { product_id: string }) => product_id);
  const after = (timeout_ms: unknown, more?: object) =>
    bob.post('/orders/cancel-after', { timeout_ms, ...more });
  t.like((await after(1_000)).body, { timeout_ms: 1_000, product_id: null });
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await after(1_000);
  }
  t.is((await open()).length, 2, 'it was put off');
  t.deepEqual((await after(0)).body, { timeout_ms: 0, product_id: null, cancels_at: null });
  await after(1_000, { product_id: one });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  t.deepEqual(await open(), [two]);
  for (const wrong of [999, -1, 1.5, 'soon', undefined, 10 ** 9]) {
    const { status, body } = await after(wrong);
    t.is(status, 400, String(wrong));
    t.regex(body.message, /^Invalid timeout_ms: (required|must be 0, or 1000 to 86400000)/);
  }
});
