import test from 'ava';
import { sleep } from '../../../core/lifecycle.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';

let exchange: Exchange;
let alice: Client;
let bob: Client;

test.before(async () => {
  exchange = await startExchange();
  alice = await exchange.trader(1);
  bob = await exchange.trader(2);
});
test.after.always(() => exchange?.stop());

const ids = (orders: readonly { id: string }[]): string[] => orders.map(({ id }) => id);

test('a stop order is active and in no book until a trade meets it, and then trades', async (t) => {
  const product = await exchange.addProduct();
  const order = { product_id: product, size: '1' };
  const stop = { ...order, side: 'sell', price: '2.00', stop_price: '3.00' };
  const placed = (await alice.post('/orders', stop)).body;
  t.like(placed, { status: 'active', stop: 'loss', stop_price: '3.00', price: '2.00', filled_size: '0' });
  t.deepEqual((await alice.get(`/orders/${placed.id}`)).body, placed);
  t.deepEqual((await bob.get(`/products/${product}/book?level=3`)).body.asks, []);
  for (const status of ['', '&status=active', '&status=all'])
    t.deepEqual(ids((await alice.get(`/orders?product_id=${product}${status}`)).body), [placed.id], status);
  t.deepEqual((await alice.get(`/orders?product_id=${product}&status=open`)).body, []);

  const amended = (await alice.put(`/orders/${placed.id}`, { stop_price: '2.90', size: '2' })).body;
  t.like(amended, { status: 'active', stop_price: '2.90', size: '2' });
  await bob.post('/orders', { ...order, side: 'sell', price: '2.90' });
  await bob.post('/orders', { ...order, side: 'buy', price: '2.90' });
  const triggered = (await alice.get(`/orders/${placed.id}`)).body;
  t.like(triggered, { status: 'open', stop: 'loss', stop_price: '2.90', filled_size: '0' });
  t.truthy(triggered.triggered_at);
  const { asks } = (await bob.get(`/products/${product}/book?level=3`)).body;
  t.deepEqual(asks, [['2.00', '2', placed.id]]);
});

test('a stop order that waits is canceled as any other, alone and with all', async (t) => {
  const product = await exchange.addProduct();
  const entry = { product_id: product, side: 'buy', type: 'market', size: '1', stop_price: '4.00' };
  const [one, two] = [(await alice.post('/orders', entry)).body, (await alice.post('/orders', entry)).body];
  t.like(one, { status: 'active', stop: 'entry', type: 'market', size: '1' });
  t.is((await alice.delete(`/orders/${one.id}`)).body, one.id);
  t.deepEqual((await alice.delete(`/orders?product_id=${product}`)).body, [two.id]);
  t.like((await alice.get(`/orders/${two.id}`)).body, { status: 'done', done_reason: 'canceled' });
});

test('an order expires by itself', async (t) => {
  const product = await exchange.addProduct();
  const expireTime = new Date(Date.now() + 700).toISOString();
  const order = { product_id: product, side: 'sell', price: '2.00', size: '1', time_in_force: 'GTT' };
  const placed = (await alice.post('/orders', { ...order, expire_time: expireTime })).body;
  t.like(placed, { status: 'open', time_in_force: 'GTT', expire_time: expireTime });
  const inAMinute = (await alice.post('/orders', { ...order, cancel_after: 'min' })).body;
  t.true(Math.abs(Date.parse(inAMinute.expire_time) - Date.now() - 60_000) < 10_000);
  for (let waits = 0; waits < 200; waits++) {
    const { body } = await alice.get(`/orders/${placed.id}`);
    if (body.status === 'done') {
      t.is(body.done_reason, 'canceled');
      t.true(Date.parse(body.done_at) >= Date.parse(expireTime));
      break;
    }
    await sleep(50);
  }
  t.deepEqual(ids((await alice.get(`/orders?product_id=${product}`)).body), [inAMinute.id]);
  const { asks } = (await bob.get(`/products/${product}/book?level=3`)).body;
  t.deepEqual(
    ids([inAMinute]),
    asks.map(([, , id]: string[]) => id),
  );
});
