import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { openSocket } from '../../support/socket.ts';

let exchange: Exchange;
let alice: Client;
let bob: Client;
test.before(async () => {
  exchange = await startExchange();
  [alice, bob] = await Promise.all([exchange.trader(1), exchange.trader(2)]);
});
test.after.always(() => exchange?.stop());

const ask = (product_id: string, price: string, more = {}) => ({
  ...{ product_id, side: 'sell', size: '2', price },
  ...more,
});
const notFound = { message: 'order not found' };

async function asks(product: string, prices: readonly string[], by = alice): Promise<string[]> {
  const { body } = await by.post(
    '/orders/batch',
    prices.map((price) => ask(product, price)),
  );
  return body.map(({ id }: { id: string }) => id);
}

test('a list of ids and client order ids is canceled, and each is answered', async (t) => {
  const product = await exchange.addProduct();
  const [one, two] = await asks(product, ['2.00', '3.00']);
  const { body: third } = await alice.post('/orders', ask(product, '4.00', { client_oid: 'listed' }));
  const { body: others } = await bob.post('/orders', ask(product, '5.00'));
  const list = [two, 'client:listed', '999999', others.id, two, 'client:never', Number(one)];
  const { status, body } = await alice.delete('/orders/batch', list);
  t.is(status, 200);
  t.deepEqual(body, [two, third.id, notFound, notFound, { message: 'Order already done' }, notFound, one]);
  t.deepEqual((await alice.get(`/orders?product_id=${product}`)).body, []);
  t.like((await bob.get(`/orders/${others.id}`)).body, { status: 'open' });
});

test('a list of amends is kept together and in order, and each is answered', async (t) => {
  const product = await exchange.addProduct();
  const [one, two] = await asks(product, ['2.00', '3.00']);
  const { status, body } = await alice.put('/orders/batch', [
    { id: one, price: '6.00' },
    { id: '999999', price: '6.00' },
    { id: two, size: 1 },
    { id: one, price: '7.00' },
    { id: two, price: '2000.00' },
  ]);
  t.is(status, 200);
  t.like(body[0], { id: one, price: '7.00', size: '2' });
  t.deepEqual(body[1], notFound);
  t.like(body[2], { id: two, price: '3.00', size: '1' });
  t.regex(body[4].message, /^price is too large/);
  const steps = (await exchange.operator.get(`/products/${product}/book?level=3`)).body.asks;
  t.deepEqual(steps, [
    ['3.00', '1', two],
    ['7.00', '2', one],
  ]);
});

for (const [what, method, list, message] of [
  ['no list', 'delete', { id: '1' }, 'Invalid body: must be a JSON array'],
  ['an empty list', 'delete', [], 'Invalid body: must have 1 to 1000 orders'],
  ['too long a list', 'delete', Array(1_001).fill('1'), 'Invalid body: must have 1 to 1000 orders'],
  ['a name that is none', 'delete', ['1', 'x'], 'Order at index 1: Invalid order id'],
  [
    'an amend without a change',
    'put',
    [{ id: '1' }],
    'Order at index 0: Invalid body: needs price, size, stop_price or expire_time',
  ],
] as const)
  test(`${what} is refused whole`, async (t) => {
    const answer = await alice[method]('/orders/batch', list);
    t.is(answer.status, 400);
    t.is(answer.body.message, message);
  });

test('what is wrong with one element leaves all as they are', async (t) => {
  const product = await exchange.addProduct();
  const [one] = await asks(product, ['2.00']);
  t.is((await alice.delete('/orders/batch', [one, 'nonsense'])).status, 400);
  t.like((await alice.get(`/orders/${one}`)).body, { status: 'open' });
});

test('an operator says whose orders a list names', async (t) => {
  const product = await exchange.addProduct();
  const [one] = await asks(product, ['2.00']);
  const { operator } = exchange;
  t.is((await operator.delete('/orders/batch', [one])).status, 400);
  t.deepEqual((await operator.delete('/orders/batch?trader_id=2', [one])).body, [notFound]);
  t.deepEqual((await operator.delete('/orders/batch?trader_id=1', [one])).body, [one]);
});

test('a socket cancels and amends by a list too', async (t) => {
  const product = await exchange.addProduct();
  const [one, two] = await asks(product, ['2.00', '3.00']);
  const socket = await openSocket(exchange.baseUrl, { token: await exchange.tokenOf(1) });
  t.teardown(() => socket.close());
  socket.send({ id: 1, method: 'order.amendBatch', params: [{ id: one, price: '4.00' }] });
  t.like(await socket.next((m) => m.id === 1), { status: 200, result: [{ id: one, price: '4.00' }] });
  socket.send({ id: 2, method: 'order.cancelBatch', params: [one, two] });
  t.like(await socket.next((m) => m.id === 2), { status: 200, result: [one, two] });
});
