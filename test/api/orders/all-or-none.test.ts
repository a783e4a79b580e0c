import { randomUUID } from 'node:crypto';
import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { openSocket } from '../../support/socket.ts';

let exchange: Exchange;
let alice: Client;
let bob: Client;

test.before(async () => {
  exchange = await startExchange({ env: { MAX_OPEN_ORDERS: '8' } });
  [alice, bob] = await Promise.all([exchange.trader(1), exchange.trader(2)]);
});
test.after.always(() => exchange?.stop());

type Body = Record<string, unknown>;
const bid = (product: string, price: string, more: Body = {}): Body => ({
  ...{ product_id: product, side: 'buy', price, size: '1' },
  ...more,
});
const batch = (...orders: Body[]): Body => ({ all_or_none: true, orders });
const place = (client: Client, body: unknown, headers: Record<string, string> = {}) =>
  client.post('/orders/batch', body, headers);
const notPlaced = 'Not placed: another order of the all-or-none batch was refused';
const partly =
  'Duplicate client_oid: some orders of the all-or-none batch were sent before, and not all of them together; none is placed';
const openOf = async (product: string): Promise<string[]> =>
  (await alice.get(`/orders?product_id=${product}`)).body.map(({ price }: { price: string }) => price).sort();

test('all orders of a batch are placed, next to each other, over several products', async (t) => {
  const [one, two] = await Promise.all([exchange.addProduct(), exchange.addProduct()]);
  const asked = batch(bid(one, '1.00'), bid(two, '2.00', { time_in_force: 'GTT', cancel_after: 'day' }));
  const { status, body } = await place(alice, asked);
  t.is(status, 200);
  t.deepEqual(
    body.map((order: Body) => [order.product_id, order.price, order.status]),
    [
      [one, '1.00', 'open'],
      [two, '2.00', 'open'],
    ],
  );
  t.is(Number(body[1].id), Number(body[0].id) + 1);
});

test('if one is refused, none is placed, and each says why', async (t) => {
  const product = await exchange.addProduct();
  await place(bob, [bid(product, '5.00', { side: 'sell' })]);
  const { status, body } = await place(
    alice,
    batch(bid(product, '1.00'), bid(product, '5.00', { post_only: true }), bid(product, '2.00')),
  );
  t.is(status, 200);
  t.deepEqual(body[0], { message: notPlaced });
  t.like(body[1], { status: 'rejected', reject_reason: 'post only' });
  t.deepEqual(body[2], { message: notPlaced });
  t.deepEqual(await openOf(product), []);
});

test('what it may cost is on hold for all of them, or for none', async (t) => {
  await exchange.deposit(1, 'USD', '100.00');
  const funded = await exchange.addProduct({ funded: true });
  const usd = async () =>
    (await alice.get('/accounts')).body.find(({ currency }: { currency: string }) => currency === 'USD');
  const refused = await place(alice, batch(bid(funded, '60.00'), bid(funded, '60.00')));
  t.deepEqual(refused.body, [{ message: notPlaced }, { message: 'Insufficient funds' }]);
  t.is(Number((await usd()).hold), 0);
  const placed = await place(alice, batch(bid(funded, '60.00'), bid(funded, '40.00')));
  t.deepEqual(
    placed.body.map(({ status }: Body) => status),
    ['open', 'open'],
  );
  t.is(Number((await usd()).hold), 100);
});

test('sent again with its client order ids, a batch is answered as it was the first time', async (t) => {
  const product = await exchange.addProduct();
  const named = (price: string, more = {}) => bid(product, price, { client_oid: randomUUID(), ...more });
  await place(bob, [bid(product, '5.00', { side: 'sell' })]);
  const good = batch(named('1.00'), named('2.00'));
  const bad = batch(named('1.00'), named('5.00', { post_only: true }));
  for (const asked of [good, bad]) {
    const [first, ...again] = await Promise.all([0, 1, 2].map(() => place(alice, asked)));
    const later = await place(alice, asked);
    for (const each of [...again, later]) t.deepEqual(each.body, first!.body);
  }
  t.deepEqual(await openOf(product), ['1.00', '2.00']);
});

test('a batch of which only some orders were sent before is refused, and nothing of it is placed', async (t) => {
  const product = await exchange.addProduct();
  const known = bid(product, '1.00', { client_oid: randomUUID() });
  await place(alice, [known]);
  const fresh = bid(product, '2.00', { client_oid: randomUUID() });
  for (const asked of [
    batch(fresh, known),
    batch(known, bid(product, '3.00')),
    batch(fresh, { ...fresh, price: '4.00' }),
  ]) {
    const { status, body } = await place(alice, asked);
    t.deepEqual([status, body], [400, { message: partly }]);
    const later = await place(alice, asked);
    t.deepEqual([later.status, later.body], [400, { message: partly }]);
  }
  t.deepEqual(await openOf(product), ['1.00']);
  t.is((await place(alice, batch(fresh))).body[0].status, 'open', 'its id was not used up');
});

test('an acceptance counts the orders alone', async (t) => {
  const product = await exchange.addProduct();
  const asked = batch(bid(product, '1.00'), bid(product, '2.00'));
  const { status, body } = await place(alice, asked, { prefer: 'respond-async' });
  t.is(status, 202);
  t.is(body.count, 2);
  t.like((await alice.get(`/orders/${body.first_id}`)).body, { price: '1.00' });
});

test('what cannot be judged beforehand is refused in a sentence', async (t) => {
  const product = await exchange.addProduct();
  const good = bid(product, '1.00');
  const market = { product_id: product, side: 'buy', type: 'market', size: '1' };
  const wrong: [unknown, RegExp][] = [
    [batch(good, market), /^Order at index 1: Invalid all_or_none: a market order/],
    [batch(bid(product, '1.00', { stop: 'entry', stop_price: '3.00' })), /all_or_none: a stop order/],
    [
      batch(good, bid(product, '1.00', { time_in_force: 'FOK' })),
      /index 1: Invalid all_or_none: a FOK order/,
    ],
    [batch(...new Array(1_000).fill(good)), /all_or_none: such a batch has at most 999 orders/],
    [batch(), /must have 1 to 1000 orders/],
    [batch(good, { ...good, price: 'much' }), /^Order at index 1: Invalid price/],
    [{ ...batch(good), all_or_none: 'maybe' }, /Invalid all_or_none: must be true or false/],
    [{ all_or_none: true, orders: good }, /must be a JSON array/],
    [{ all_or_none: true }, /must be a JSON array/],
  ];
  for (const [body, message] of wrong) {
    const answer = await place(alice, body);
    t.is(answer.status, 400);
    t.regex(answer.body.message, message);
  }
  t.deepEqual(await openOf(product), []);
  t.is((await place(alice, { all_or_none: false, orders: [good, market] })).status, 200);
});

test('a batch that would have too many open orders is refused whole, unless it is a repeat', async (t) => {
  const product = await exchange.addProduct();
  const many = (count: number) =>
    batch(
      ...Array.from({ length: count }, (_, i) => bid(product, `${i + 1}.00`, { client_oid: randomUUID() })),
    );
  const first = many(8);
  t.is((await place(alice, first)).status, 200);
  const { status, body } = await place(alice, many(1));
  t.is(status, 400);
  t.regex(body.message, /^Open order limit reached/);
  t.is((await place(alice, first)).body.length, 8);
  const other = await exchange.addProduct();
  const nine = Array.from({ length: 9 }, () => bid(other, '1.00'));
  t.regex((await place(alice, batch(...nine))).body.message, /^Open order limit reached/);
  t.deepEqual(await openOf(other), []);
});

test('by socket it is the same', async (t) => {
  const product = await exchange.addProduct();
  const socket = await openSocket(exchange.baseUrl, { token: await exchange.tokenOf(1) });
  t.teardown(() => socket.close());
  const params = batch(bid(product, '1.00'), bid(product, '2.00', { client_oid: 'twice' }));
  socket.send({ id: 1, method: 'order.batch', params });
  t.like(await socket.next((m) => m.id === 1), {
    status: 200,
    result: [{ status: 'open' }, { status: 'open' }],
  });
  socket.send({ id: 2, method: 'order.batch', params });
  t.like(await socket.next((m) => m.id === 2), { status: 400, error: { message: partly } });
});
