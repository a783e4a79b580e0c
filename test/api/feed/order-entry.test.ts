import test, { type ExecutionContext } from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { type FeedClient, type Message, openSocket } from '../../support/socket.ts';

let exchange: Exchange;
let alice: Client;

test.before(async () => {
  exchange = await startExchange({ env: { FEED_OPENINGS_PER_SECOND: '1000' } });
  alice = await exchange.trader(1);
});
test.after.always(() => exchange?.stop());

type Caller = FeedClient & {
  readonly call: (method: string, params?: unknown, more?: object) => Promise<Message>;
};

let ids = 0;

async function open(t: ExecutionContext, traderId?: number): Promise<Caller> {
  const token = traderId === undefined ? undefined : await exchange.tokenOf(traderId);
  const client = await openSocket(exchange.baseUrl, token === undefined ? {} : { token });
  t.teardown(client.close);
  return {
    ...client,
    call: (method, params, more) => {
      const id = ++ids;
      client.send({ id, method, params, ...more });
      return client.next((message) => message.id === id);
    },
  };
}

/** Without what no two orders share. */
function alike(answer: Message): Message {
  if (Array.isArray(answer)) return answer.map(alike);
  if (typeof answer !== 'object' || answer === null) return answer;
  const { id, first_id, created_at, done_at, ...rest } = answer;
  return rest;
}

test('the same input has the same answer as in REST, errors included', async (t) => {
  const product_id = await exchange.addProduct();
  const socket = await open(t, 1);
  const order = { product_id, side: 'buy', price: '2', size: '1' };
  const deep = JSON.parse('['.repeat(40) + ']'.repeat(40));
  const cases: [
    method: string,
    rest: 'post' | 'put' | 'delete' | 'get',
    path: string,
    params: unknown,
    more?: object,
  ][] = [
    ['order.place', 'post', '/orders', order],
    ['order.place', 'post', '/orders', { ...order, price: '2.001' }],
    ['order.place', 'post', '/orders', { ...order, side: 'hold' }],
    ['order.place', 'post', '/orders', { ...order, product_id: 'NO-USD' }],
    ['order.place', 'post', '/orders', { ...order, size: 0 }],
    ['order.place', 'post', '/orders', { ...order, trader_id: 2 }],
    ['order.place', 'post', '/orders', { ...order, client_oid: 'one/two' }],
    ['order.place', 'post', '/orders', { ...order, size: 1.0000000000000001e21 }],
    ['order.place', 'post', '/orders', { ...order, post_only: true, time_in_force: 'IOC' }],
    ['order.place', 'post', '/orders', { product_id: 'VIBRANIUM-USD', side: 'sell', price: '5', size: '1' }],
    ['order.place', 'post', '/orders', { ...order, nested: deep }],
    ['order.place', 'post', '/orders', { product_id, side: 'buy', type: 'market', funds: '7' }],
    ['order.place', 'post', '/orders', [order]],
    ['order.batch', 'post', '/orders/batch', [order, { ...order, price: '3' }]],
    ['order.batch', 'post', '/orders/batch', [order, { ...order, price: '3.001' }]],
    ['order.batch', 'post', '/orders/batch', [order, { ...order, price: 1e-7 }]],
    [
      'order.batch',
      'post',
      '/orders/batch',
      [order, { product_id: 'VIBRANIUM-USD', side: 'sell', price: '5', size: '1' }],
    ],
    ['order.batch', 'post', '/orders/batch', []],
    ['order.batch', 'post', '/orders/batch', order],
    ['order.get', 'get', '/orders/999999', { id: '999999' }],
    ['order.get', 'get', '/orders/nonsense', { id: 'nonsense' }],
    ['order.get', 'get', '/orders/client:nothing', { id: 'client:nothing' }],
    ['order.amend', 'put', '/orders/999999', { id: '999999', price: '2' }],
    ['order.amend', 'put', '/orders/999999', { id: '999999' }],
    ['order.cancel', 'delete', '/orders/999999', { id: '999999' }],
    ['order.cancel', 'delete', '/orders/x', { id: 'x' }],
    ['order.cancelAll', 'delete', '/orders', { product_id: 'NO-USD' }],
  ];
  for (const [method, verb, path, params] of cases) {
    const body = method === 'order.get' ? undefined : JSON.stringify(params);
    const rest = await alice.send(verb.toUpperCase(), path, body);
    const { id: _, ...answer } = await socket.call(method, params);
    const expected =
      rest.status < 300
        ? { status: rest.status, result: alike(rest.body) }
        : { status: rest.status, error: { message: rest.body.message } };
    t.deepEqual(
      { ...answer, ...('result' in answer ? { result: alike(answer.result) } : {}) },
      expected,
      `${method} ${body}`,
    );
  }
});

test('an order is placed, amended, looked at and canceled on one socket', async (t) => {
  const product_id = await exchange.addProduct();
  const socket = await open(t);
  t.deepEqual((await socket.call('order.place', {})).error, { message: 'session.logon is required' });
  t.like(await socket.call('session.logon', { token: 'nonsense' }), {
    status: 401,
    error: { message: 'Invalid token' },
  });
  const logon = await socket.call('session.logon', { token: await exchange.tokenOf(3) });
  t.like(logon, { status: 200, result: { trader_id: '3', role: 'trader' } });
  const placed = await socket.call('order.place', {
    product_id,
    side: 'buy',
    price: '2',
    size: '5',
    client_oid: 'mine',
  });
  t.like(placed, { status: 200, result: { status: 'open', client_oid: 'mine', profile_id: '3' } });
  const { id } = placed.result;
  t.like((await socket.call('order.amend', { id, price: '3', size: '4' })).result, {
    id,
    price: '3.00',
    size: '4',
  });
  t.like((await socket.call('order.get', { id: 'client:mine' })).result, {
    id,
    price: '3.00',
    status: 'open',
  });
  t.deepEqual((await socket.call('order.cancel', { id, product_id })).result, id);
  t.like(await socket.call('order.cancel', { id }), {
    status: 400,
    error: { message: 'Order already done' },
  });
  await socket.call('order.place', { product_id, side: 'buy', price: '2', size: '5' });
  t.is((await socket.call('order.cancelAll', { product_id: product_id.replace('-', '/') })).result.length, 1);
  t.deepEqual((await socket.call('order.cancelAll', {})).result, []);
  t.is(typeof (await socket.call('time')).result.epoch, 'number');
});

test('what is sent along with a logon waits for it, and each answer names its request', async (t) => {
  const product_id = await exchange.addProduct();
  const socket = await open(t);
  const count = 500;
  socket.send({ id: 'logon', method: 'session.logon', params: { token: await exchange.tokenOf(4) } });
  for (let i = 1; i <= count; i++)
    socket.send({
      id: `o${i}`,
      method: 'order.place',
      params: { product_id, side: i % 2 ? 'buy' : 'sell', price: '2', size: '1' },
    });
  const answers = new Map<string, Message>();
  while (answers.size <= count) {
    const answer = await socket.next();
    answers.set(answer.id, answer);
  }
  t.is(answers.size, count + 1);
  for (const { status } of answers.values()) t.is(status, 200);
  const sequences = Array.from({ length: count }, (_, i) => Number(answers.get(`o${i + 1}`)!.result.id));
  t.deepEqual(
    sequences,
    sequences.toSorted((one, other) => one - other),
    'taken in the order in which they were sent',
  );
});

test('an answer may come as soon as an order is accepted', async (t) => {
  const product_id = await exchange.addProduct();
  const socket = await open(t, 1);
  const order = { product_id, side: 'buy', price: '2', size: '1' };
  const more = { prefer: 'respond-async' };
  t.like(await socket.call('order.place', order, more), { status: 202, result: { status: 'pending' } });
  t.like(await socket.call('order.batch', [order, order], more), { status: 202, result: { count: 2 } });
});

test('the events of an order come on the very socket that placed it', async (t) => {
  const product_id = await exchange.addProduct();
  const socket = await open(t, 1);
  await socket.subscribe({ product_ids: [product_id], channels: ['user'] });
  socket.send({
    id: 1,
    method: 'order.place',
    params: { product_id, side: 'buy', price: '2', size: '1', client_oid: 'evt' },
  });
  const messages = [await socket.next(), await socket.next(), await socket.next()];
  t.deepEqual(messages.map(({ type, status }) => type ?? status).sort(), [200, 'open', 'received']);
});

test('what is no request is refused with its id, or without one', async (t) => {
  const socket = await open(t, 1);
  const cases: [message: object, answer: object][] = [
    [
      { id: 1, method: 'nonsense' },
      { id: 1, status: 400, error: { message: 'Invalid method: there is no "nonsense"' } },
    ],
    [
      { id: 1, method: 7 },
      { id: 1, status: 400, error: { message: 'Invalid method: must be text' } },
    ],
    [
      { id: 1, method: 'order.place' },
      { id: 1, status: 400, error: { message: 'Invalid body: a JSON body is required' } },
    ],
    ...[undefined, 1.5, null, {}, 'x'.repeat(65)].map((id): [object, object] => [
      { id, method: 'time' },
      {
        id: null,
        status: 400,
        error: { message: 'Invalid id: must be text of at most 64 letters, or a whole number' },
      },
    ]),
  ];
  for (const [message, answer] of cases) {
    socket.send(message);
    t.deepEqual(await socket.next(), answer);
  }
  socket.send('{"id":"\\u0031","x":{"params":1},"method":"order.place","params":{"price":1,"price":2}}');
  t.deepEqual(await socket.next(), { id: '1', status: 400, error: { message: 'Duplicate key "price"' } });
});
