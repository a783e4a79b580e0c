import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { type Message, openSocket } from '../../support/socket.ts';

let exchange: Exchange;
let alice: Client;
let bob: Client;

test.before(async () => {
  exchange = await startExchange();
  alice = await exchange.trader(1);
  bob = await exchange.trader(2);
});
test.after.always(() => exchange?.stop());

test('nobody but its trader sees more of an iceberg than it shows', async (t) => {
  const product = await exchange.addProduct();
  const everybody = await openSocket(exchange.baseUrl);
  t.teardown(everybody.close);
  await everybody.subscribe({ product_ids: [product], channels: ['full'] });
  const own = await openSocket(exchange.baseUrl, { token: await exchange.tokenOf(1) });
  t.teardown(own.close);
  await own.subscribe({ product_ids: [product], channels: ['user'] });

  const order = { product_id: product, side: 'sell', price: '2.00', size: '70', max_floor: '20' };
  const placed = (await alice.post('/orders', order)).body;
  t.like(placed, { status: 'open', size: '70', max_floor: '20', filled_size: '0' });
  const asks = async () => (await bob.get(`/products/${product}/book?level=3`)).body.asks;
  t.deepEqual(await asks(), [['2.00', '20', placed.id]]);
  await bob.post('/orders', { product_id: product, side: 'sell', price: '2.00', size: '1' });
  await bob.post('/orders', { product_id: product, side: 'buy', price: '2.00', size: '20' });
  t.deepEqual(
    (await asks()).map(([, size]: string[]) => size),
    ['1', '20'],
  );
  await alice.put(`/orders/${placed.id}`, { size: '75', price: '2.10' });
  t.deepEqual((await alice.get(`/orders?product_id=${product}`)).body.length, 1);
  await alice.delete(`/orders/${placed.id}`);
  t.like((await alice.get(`/orders/${placed.id}`)).body, { status: 'done', filled_size: '20', size: '75' });

  const isLast = ({ type, order_id, reason }: Message): boolean =>
    type === 'done' && order_id === placed.id && reason === 'canceled';
  await Promise.all([everybody.next(isLast), own.next(isLast)]);
  const told = (messages: readonly Message[]): string[] =>
    messages
      .filter(({ order_id }) => order_id === placed.id)
      .map((m) => `${m.type} ${[m.old_size, m.new_size ?? m.size ?? m.remaining_size].join(' ').trim()}`);
  t.deepEqual(told(everybody.messages), [
    ...['received 20', 'open 20', 'change 0 20', 'open 20', 'change 0 20', 'open 20', 'done 20'],
  ]);
  t.deepEqual(told(own.messages), [
    ...['received 70', 'open 70', 'change  50', 'open 50', 'change  55', 'open 55', 'done 55'].map((text) =>
      text.replace('  ', ' '),
    ),
  ]);
});

test('a stop order may be an iceberg once it comes in', async (t) => {
  const product = await exchange.addProduct();
  const stop = {
    product_id: product,
    side: 'buy',
    price: '3.00',
    size: '9',
    stop_price: '2.50',
    max_floor: '2',
  };
  const placed = (await alice.post('/orders', stop)).body;
  t.like(placed, { status: 'active', max_floor: '2' });
  for (const side of ['sell', 'buy'])
    await bob.post('/orders', { product_id: product, side, price: '2.50', size: '1' });
  t.like((await alice.get(`/orders/${placed.id}`)).body, { status: 'open', max_floor: '2', size: '9' });
  const { bids } = (await bob.get(`/products/${product}/book?level=2`)).body;
  t.deepEqual(bids, [['3.00', '2', 1]]);
});

test('max_floor is refused where it makes no sense, and tells one order from another', async (t) => {
  const product = await exchange.addProduct();
  const order = { product_id: product, side: 'buy', price: '1.00', size: '200' };
  const refused = async (wrong: Record<string, unknown>): Promise<string> => {
    const { status, body } = await alice.post('/orders', { ...order, ...wrong });
    t.is(status, 400);
    return body.message;
  };
  t.is(await refused({ max_floor: '201' }), 'Invalid max_floor: is above size');
  t.is(await refused({ max_floor: '1' }), 'Invalid max_floor: must be at least a 100th of size');
  t.is(await refused({ max_floor: '0' }), 'max_floor is too small: must be at least 1');
  t.is(await refused({ max_floor: '2.5' }), 'max_floor is too accurate: must be a multiple of 1');
  t.is(
    await refused({ max_floor: '2', time_in_force: 'FOK' }),
    'Invalid max_floor: an order that is FOK never rests',
  );
  t.is(
    await refused({ max_floor: '2', type: 'market', price: undefined }),
    'Invalid max_floor: a market order never rests',
  );
  const named = { ...order, max_floor: '2', client_oid: 'iceberg-1' };
  const { body } = await alice.post('/orders', named);
  t.is((await alice.post('/orders', named)).body.id, body.id);
  t.is((await alice.post('/orders', { ...named, max_floor: '3' })).status, 400);
  const tooLarge = await alice.put(`/orders/${body.id}`, { size: '201' });
  t.is(tooLarge.status, 400);
  t.regex(tooLarge.body.message, /^size is too large/);
});
