import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Answer, Client } from '../../support/http.ts';

let exchange: Exchange;
let alice: Client;
let bob: Client;

test.before(async () => {
  exchange = await startExchange();
  alice = await exchange.trader(1);
  bob = await exchange.trader(2);
});
test.after.always(() => exchange?.stop());

const limit = (product_id: string, side: string, price: string, size: string, more = {}) => ({
  ...{ product_id, side, price, size },
  ...more,
});
const isRefused = (answer: Answer): [number, string] => [answer.status, answer.body.message];

test('an order that rests is answered open, and is found by its id and its client order id', async (t) => {
  const product = await exchange.addProduct();
  const placed = await alice.post('/orders', limit(product, 'sell', '2.5', '3', { client_oid: 'rests' }));
  t.is(placed.status, 200);
  const { id, created_at, ...rest } = placed.body;
  t.regex(id, /^[0-9]+$/);
  t.true(Math.abs(Date.parse(created_at) - Date.now()) < 5_000);
  t.deepEqual(rest, {
    ...{ product_id: product, profile_id: '1', side: 'sell', type: 'limit', price: '2.50', size: '3' },
    ...{ time_in_force: 'GTC', post_only: false, client_oid: 'rests', fill_fees: '0.00' },
    ...{ filled_size: '0', executed_value: '0.00', status: 'open', settled: false },
  });
  t.deepEqual((await alice.get(`/orders/${id}`)).body, placed.body);
  t.deepEqual((await alice.get('/orders/client:rests')).body, placed.body);
  t.deepEqual((await alice.get('/orders/client%3Arests')).body, placed.body);
});

test('orders of others are not there', async (t) => {
  const product = await exchange.addProduct();
  const { body } = await alice.post('/orders', limit(product, 'sell', '2', '3', { client_oid: 'private' }));
  t.deepEqual(isRefused(await bob.get(`/orders/${body.id}`)), [404, 'NotFound']);
  t.deepEqual(isRefused(await bob.get('/orders/client:private')), [404, 'NotFound']);
  t.deepEqual(isRefused(await bob.delete(`/orders/${body.id}`)), [404, 'order not found']);
  t.deepEqual(isRefused(await bob.put(`/orders/${body.id}`, { size: '1' })), [404, 'order not found']);
  t.like((await alice.get(`/orders/${body.id}`)).body, { status: 'open', size: '3' });
});

test('what became of an order is in its answer', async (t) => {
  const product = await exchange.addProduct();
  await alice.post('/orders', limit(product, 'sell', '2.00', '5'));
  const cases: [order: object, outcome: object][] = [
    [
      limit(product, 'buy', '2.10', '1'),
      { status: 'done', done_reason: 'filled', filled_size: '1', executed_value: '2.00', settled: true },
    ],
    [
      limit(product, 'buy', '1.90', '1', { time_in_force: 'IOC' }),
      { status: 'done', done_reason: 'canceled', filled_size: '0', time_in_force: 'IOC' },
    ],
    [
      limit(product, 'buy', '2.00', '9', { time_in_force: 'FOK' }),
      { status: 'done', done_reason: 'canceled', filled_size: '0', executed_value: '0.00' },
    ],
    [
      limit(product, 'buy', '2.00', '1', { post_only: true }),
      { status: 'rejected', reject_reason: 'post only', filled_size: '0', settled: false },
    ],
    [
      { product_id: product, side: 'buy', type: 'market', funds: '5' },
      { type: 'market', status: 'done', done_reason: 'filled', filled_size: '2', funds: '5.00' },
    ],
    [
      { product_id: product, side: 'buy', type: 'market', size: '9', stp: 'co' },
      { status: 'done', done_reason: 'canceled', filled_size: '2', size: '9', stp: 'co' },
    ],
  ];
  for (const [order, outcome] of cases) {
    const answer = await bob.post('/orders', order);
    t.is(answer.status, 200);
    t.like(answer.body, outcome);
    const stored = await bob.get(`/orders/${answer.body.id}`);
    t.deepEqual(stored.body, answer.body, 'PostgreSQL shows what the answer said');
  }
});

test('an order by funds shows no size, and still takes no more than the largest order', async (t) => {
  const product = await exchange.addProduct({ base_max_size: '2' });
  for (let i = 0; i < 3; i++) await alice.post('/orders', limit(product, 'sell', '1.00', '2'));
  const answer = await bob.post('/orders', { product_id: product, side: 'buy', type: 'market', funds: '3' });
  t.like(answer.body, { filled_size: '2', specified_funds: '3.00', done_reason: 'canceled' });
  t.false('size' in answer.body || 'price' in answer.body || 'time_in_force' in answer.body);
});

test("a product's own self-trade prevention holds unless the order says another", async (t) => {
  const product = await exchange.addProduct({ stp: 'cn' });
  await alice.post('/orders', limit(product, 'sell', '1.00', '1'));
  t.like((await alice.post('/orders', limit(product, 'buy', '1.00', '1'))).body, {
    ...{ stp: 'cn', status: 'done', done_reason: 'canceled', filled_size: '0' },
  });
  t.like((await alice.post('/orders', limit(product, 'buy', '1.00', '1', { stp: 'co' }))).body, {
    ...{ stp: 'co', status: 'open' },
  });
});

test('with Prefer: respond-async the answer is 202 and pending, and the order is matched all the same', async (t) => {
  const product = await exchange.addProduct();
  const order = limit(product, 'sell', '2.00', '1');
  const answer = await alice.post('/orders', order, { prefer: 'respond-async' });
  t.is(answer.status, 202);
  t.like(answer.body, { status: 'pending', price: '2.00', filled_size: '0' });
  t.like((await alice.get(`/orders/${answer.body.id}`)).body, { status: 'open' });
});

test('a client order id has one order for ever, which repeats are answered with', async (t) => {
  const product = await exchange.addProduct();
  const order = limit(product, 'sell', '2.00', '2', { client_oid: 'once' });
  const first = await alice.post('/orders', order);
  t.deepEqual((await alice.post('/orders', order)).body, first.body);
  await bob.post('/orders', limit(product, 'buy', '2.00', '1'));
  t.like((await alice.post('/orders', { ...order, price: 2, size: 2.0 })).body, {
    ...{ id: first.body.id, filled_size: '1' },
  });
  await alice.put(`/orders/${first.body.id}`, { price: '3.00' });
  t.like((await alice.post('/orders', order)).body, { id: first.body.id, price: '3.00' });
  for (const changes of [
    { price: '2.01' },
    { size: '3' },
    { side: 'buy' },
    { time_in_force: 'IOC' },
    { stp: 'dc' },
  ])
    t.deepEqual(isRefused(await alice.post('/orders', { ...order, ...changes })), [
      400,
      'Duplicate client_oid',
    ]);
  t.not((await bob.post('/orders', { ...order, side: 'buy', price: '1' })).body.id, first.body.id);
});

test('many repeats at once make one order', async (t) => {
  const product = await exchange.addProduct();
  const order = limit(product, 'sell', '2.00', '2', { client_oid: 'at-once' });
  const answers = await Promise.all(Array.from({ length: 50 }, () => alice.post('/orders', order)));
  t.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  t.is(new Set(answers.map(({ body }) => body.id)).size, 1);
  t.is((await alice.get(`/orders?product_id=${product}`)).body.length, 1);
});

test('PostgreSQL remembers client order ids that Redis has forgotten', async (t) => {
  const product = await exchange.addProduct();
  const order = limit(product, 'sell', '2.00', '2', { client_oid: 'long-ago' });
  const first = await alice.post('/orders', order);
  await alice.get('/orders');
  await exchange.redis.del(`{${exchange.shard}}:oid:1:long-ago`);
  t.is((await alice.post('/orders', order)).body.id, first.body.id);
  t.deepEqual(isRefused(await alice.post('/orders', { ...order, size: '1' })), [400, 'Duplicate client_oid']);
  t.is((await alice.delete('/orders/client:long-ago')).body, first.body.id);
});

test('a cancel answers the id, and says why it cannot', async (t) => {
  const product = await exchange.addProduct();
  const { body } = await alice.post('/orders', limit(product, 'sell', '2.00', '2', { client_oid: 'cancel' }));
  const other = await exchange.addProduct();
  t.deepEqual(isRefused(await alice.delete(`/orders/${body.id}?product_id=${other}`)), [
    404,
    'order not found',
  ]);
  const answer = await alice.delete('/orders/client:cancel', { product_id: product.replace('-', '/') });
  t.deepEqual([answer.status, answer.body], [200, body.id]);
  t.regex(answer.headers.get('content-type') ?? '', /^application\/json/);
  t.like((await alice.get(`/orders/${body.id}`)).body, { status: 'done', done_reason: 'canceled' });
  t.deepEqual(isRefused(await alice.delete(`/orders/${body.id}`)), [400, 'Order already done']);
  const rejected = await exchange.addProduct();
  await bob.post('/orders', limit(rejected, 'buy', '2.00', '1'));
  const order = await alice.post('/orders', limit(rejected, 'sell', '2.00', '1', { post_only: true }));
  t.deepEqual(isRefused(await alice.delete(`/orders/${order.body.id}`)), [400, 'Order already done']);
});

test('cancel all cancels all of a product or all there is, and is done when it answers none', async (t) => {
  const carol = await exchange.trader(3);
  const [one, two] = [await exchange.addProduct(), await exchange.addProduct()];
  const place = async (product: string, count: number) =>
    carol.post('/orders/batch', new Array(count).fill(limit(product, 'sell', '2.00', '1')));
  await place(one, 1_000);
  await place(one, 500);
  const inTwo = (await place(two, 3)).body.map(({ id }: { id: string }) => id);
  await bob.post('/orders', limit(two, 'sell', '2.00', '1'));
  t.is((await carol.delete('/orders', { product_id: one.replace('-', '/') })).body.length, 1_500);
  t.deepEqual((await carol.get('/orders')).body.map(({ id }: { id: string }) => id).reverse(), inTwo);
  t.deepEqual((await carol.delete('/orders')).body, inTwo);
  t.deepEqual((await carol.delete('/orders')).body, []);
  t.is((await bob.get(`/orders?product_id=${two}`)).body.length, 1);
});

test('an amend answers the order as it is then', async (t) => {
  const product = await exchange.addProduct();
  await bob.post('/orders', limit(product, 'buy', '1.00', '2'));
  const { body } = await alice.post('/orders', limit(product, 'sell', '2.00', '5', { client_oid: 'amend' }));
  const less = await alice.put(`/orders/${body.id}`, { size: '4' });
  t.is(less.status, 200);
  t.like(less.body, { id: body.id, price: '2.00', size: '4', status: 'open' });
  const crossing = await alice.put('/orders/client:amend', { price: '1.00' });
  t.like(crossing.body, {
    price: '1.00',
    size: '4',
    filled_size: '2',
    executed_value: '2.00',
    status: 'open',
  });
  t.deepEqual((await alice.get(`/orders/${body.id}`)).body, crossing.body);
  const tooSmall = isRefused(await alice.put(`/orders/${body.id}`, { size: '2' }));
  t.deepEqual(tooSmall, [400, 'size is too small: as much is filled already']);
  await alice.delete(`/orders/${body.id}`);
  t.deepEqual(isRefused(await alice.put(`/orders/${body.id}`, { size: '3' })), [400, 'Order already done']);
  t.deepEqual(isRefused(await alice.put('/orders/999999', { size: '3' })), [404, 'order not found']);
});

test('an amend of a post-only order that would trade is refused and changes nothing', async (t) => {
  const product = await exchange.addProduct();
  await bob.post('/orders', limit(product, 'buy', '1.00', '2'));
  const { body } = await alice.post('/orders', limit(product, 'sell', '2.00', '5', { post_only: true }));
  const amended = await alice.put(`/orders/${body.id}`, { price: '1.00' });
  t.deepEqual(isRefused(amended), [400, 'The order is post only, and would trade at once']);
  t.deepEqual((await alice.get(`/orders/${body.id}`)).body, body);
});

test('an order that was only just accepted can be amended and canceled', async (t) => {
  const product = await exchange.addProduct();
  const order = limit(product, 'sell', '2.00', '1');
  for (let i = 0; i < 20; i++) {
    const { body } = await alice.post('/orders', order, { prefer: 'respond-async' });
    t.like((await alice.put(`/orders/${body.id}`, { price: '3' })).body, { price: '3.00' });
    const { body: other } = await alice.post('/orders', order, { prefer: 'respond-async' });
    t.is((await alice.delete(`/orders/${other.id}`)).body, other.id);
  }
});

test('a batch is taken in order, and each of its orders is answered', async (t) => {
  const product = await exchange.addProduct();
  await alice.post('/orders', limit(product, 'sell', '2.00', '1', { client_oid: 'in-batch' }));
  const { status, body } = await alice.post('/orders/batch', [
    limit(product, 'sell', '3.00', '1'),
    limit(product, 'sell', '2.00', '1', { client_oid: 'in-batch' }),
    limit(product, 'sell', '4.00', '1', { client_oid: 'in-batch' }),
    limit(product, 'sell', '5.00', '1', { client_oid: 'twice' }),
    limit(product, 'sell', '5.00', '1', { client_oid: 'twice' }),
    limit(product, 'buy', '3.00', '1', { post_only: true }),
    limit(product, 'buy', '3.00', '2'),
  ]);
  t.is(status, 200);
  t.is(body.length, 7);
  t.deepEqual(body[2], { message: 'Duplicate client_oid' });
  t.is(body[4].id, body[3].id);
  t.is(Number(body[3].id), Number(body[0].id) + 1);
  t.like(body[5], { status: 'rejected', reject_reason: 'post only' });
  t.like(body[6], { status: 'done', executed_value: '5.00' });
});

test('a batch that asks for no verdict is answered with its first id and count', async (t) => {
  const product = await exchange.addProduct();
  const batch = [1, 2, 3].map((price) => limit(product, 'sell', String(price), '1'));
  const { status, body } = await alice.post('/orders/batch', batch, { prefer: 'respond-async' });
  t.deepEqual([status, body.count], [202, 3]);
  const listed = await alice.get(`/orders?product_id=${product}`);
  t.deepEqual(
    listed.body.map(({ id }: { id: string }) => Number(id) - Number(body.first_id)),
    [2, 1, 0],
  );
});

test('an operator acts for the traders that it names', async (t) => {
  const { operator } = exchange;
  const product = await exchange.addProduct();
  const order = limit(product, 'sell', '2.00', '1');
  t.regex((await operator.post('/orders', order)).body.message, /^Invalid trader_id: required/);
  t.regex((await operator.get('/orders')).body.message, /^Invalid trader_id: required/);
  for (const none of ['0', '3000000000', 'x'])
    t.deepEqual(isRefused(await operator.get(`/orders?trader_id=${none}`)), [
      400,
      'Invalid trader_id: must be the number of a trader',
    ]);
  const unknown = await operator.post('/orders', { ...order, trader_id: 20_000 });
  t.deepEqual(isRefused(unknown), [400, 'Invalid trader_id: there is no trader 20000']);
  const batch = await operator.post('/orders/batch', [
    { ...order, trader_id: '10' },
    { ...order, trader_id: 11, side: 'buy' },
  ]);
  t.deepEqual(
    batch.body.map((o: { profile_id: string; status: string }) => [o.profile_id, o.status]),
    [
      ['10', 'open'],
      ['11', 'done'],
    ],
  );
  const { body } = await operator.post('/orders', { ...order, trader_id: 12 });
  t.is((await operator.get(`/orders/${body.id}?trader_id=12`)).body.id, body.id);
  t.is((await operator.delete(`/orders/${body.id}?trader_id=13`)).status, 404);
  t.is((await operator.delete(`/orders/${body.id}?trader_id=12`)).body, body.id);
});

test('a product that takes cancels only, or nothing, refuses accordingly', async (t) => {
  const { operator } = exchange;
  const product = await exchange.addProduct();
  const order = limit(product, 'sell', '2.00', '1');
  const first = await alice.post('/orders', { ...order, client_oid: 'before' });
  const second = await alice.post('/orders', order);
  t.like((await operator.put(`/products/${product}`, { cancel_only: true })).body, { cancel_only: true });
  const mode = [400, 'Cancel only mode: the product takes no orders now'] as const;
  t.deepEqual(isRefused(await alice.post('/orders', { ...order, client_oid: 'during' })), [...mode]);
  t.deepEqual(isRefused(await alice.post('/orders', { ...order, client_oid: 'during' })), [...mode]);
  t.deepEqual(isRefused(await alice.put(`/orders/${first.body.id}`, { price: '3' })), [...mode]);
  t.is((await alice.post('/orders', { ...order, client_oid: 'before' })).body.id, first.body.id);
  t.is((await alice.delete(`/orders/${second.body.id}`)).body, second.body.id);
  t.like((await operator.put(`/products/${product}`, { status: 'offline' })).body, {
    ...{ status: 'offline', trading_disabled: true, cancel_only: false },
  });
  const offline: [number, string] = [400, 'The product is under maintenance'];
  t.deepEqual(isRefused(await alice.post('/orders', order)), offline);
  t.deepEqual(isRefused(await alice.delete(`/orders/${first.body.id}`)), offline);
  t.like((await operator.put(`/products/${product}`, { status: 'online' })).body, { status: 'online' });
  t.is((await alice.post('/orders', order)).status, 200);
  const rejected = await alice.get(`/orders?status=rejected&product_id=${product}`);
  t.deepEqual(
    rejected.body.map((o: { reject_reason: string }) => o.reject_reason),
    ['offline', 'cancel only'],
  );
});
