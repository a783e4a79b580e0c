// What SECURITY.md promises, asked of a real exchange: each test fails without the defence that its title names.

import { gzipSync } from 'node:zlib';
import test from 'ava';
import { type Exchange, startExchange } from '../support/exchange.ts';
import type { Client } from '../support/http.ts';
import { send } from '../support/raw-http.ts';

let exchange: Exchange;
let alice: Client;
let mallory: Client;
let order: { id: string; client_oid: string };
const product = 'VIBRANIUM-USD';

test.before(async () => {
  exchange = await startExchange();
  [alice, mallory] = await Promise.all([exchange.trader(1), exchange.trader(2)]);
  await exchange.deposit(1, 'USD', '1000.00');
  const placed = await alice.post('/orders', {
    ...{ product_id: product, side: 'buy', price: '5.00', size: '2', client_oid: 'alices-own' },
  });
  order = placed.body;
});
test.after.always(() => exchange?.stop());

test('nobody sees or touches what is another trader’s', async (t) => {
  const hidden = [
    ...[`/orders/${order.id}`, '/orders/client:alices-own', '/accounts/1-USD', '/accounts/1-USD/ledger'],
    ...['/accounts/1-USD/holds', '/accounts/1-USD/transfers'],
  ];
  for (const path of hidden) t.is((await mallory.get(path)).status, 404, path);
  for (const path of ['/orders', '/accounts', '/positions', '/profiles', '/transfers', '/api-keys'])
    t.is((await mallory.get(`${path}?trader_id=1`)).status, 400, path);
  t.deepEqual((await mallory.get(`/fills?order_id=${order.id}`)).body, []);
  t.is((await mallory.delete(`/orders/${order.id}`)).status, 404);
  t.is((await mallory.put(`/orders/${order.id}`, { size: '1' })).status, 404);
  t.is((await mallory.delete('/orders?trader_id=1')).status, 400);
  t.is((await alice.get(`/orders/${order.id}`)).body.status, 'open');
});

test('a field that is not the caller’s to set has no effect, or is refused', async (t) => {
  const bought = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };
  const said = {
    id: '1',
    status: 'done',
    filled_size: '1',
    executed_value: '0',
    profile_id: '1',
    role: 'operator',
  };
  const { body } = await mallory.post('/orders', { ...bought, ...said });
  t.like(body, { status: 'open', filled_size: '0', profile_id: '2' });
  t.is((await mallory.post('/orders', { ...bought, trader_id: 1 })).status, 400);
  t.is((await mallory.post('/orders/batch', [bought, { ...bought, trader_id: 1 }])).status, 400);
  const polluted =
    '{"product_id":"PIKACHU-USD","side":"buy","price":"1","size":"1","__proto__":{"trader_id":1}}';
  const answer = await mallory.send('POST', '/orders', polluted);
  t.true(answer.status === 400 || answer.body.profile_id === '2');
});

test('money that a trader has not got cannot be made', async (t) => {
  const before = (await mallory.get('/accounts/2-USD')).body.balance;
  for (const [path, body] of [
    ['/deposits', { trader_id: 2, currency: 'USD', amount: '1', transfer_id: 'm1' }],
    ['/transfers', { from_trader_id: 1, to_trader_id: 2, currency: 'USD', amount: '1', transfer_id: 'm2' }],
  ] as const)
    t.is((await mallory.post(path, body)).status, 403);
  t.is((await mallory.get('/accounts/2-USD')).body.balance, before);
});

test('a body that is huge, or becomes so when it is unpacked, is refused', async (t) => {
  const huge = Buffer.alloc(6 * 1_048_576, ' ');
  const post = async (body: Buffer, headers: Record<string, string> = {}) => {
    const token = (await alice.post('/api-keys', { permissions: ['view'] })).body;
    const session = await exchange.anonymous.post('/sessions', token);
    const answer = await fetch(`${exchange.baseUrl}/sessions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${session.body.token}`,
        ...headers,
      },
      body: new Uint8Array(body),
    });
    await answer.body?.cancel();
    return answer.status;
  };
  t.is(await post(huge), 413);
  t.is(await post(gzipSync(huge), { 'content-encoding': 'gzip' }), 413);
});

test('headers that are too long, smuggled or split are refused, and nothing of them comes back', async (t) => {
  const long = `GET /time HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`;
  t.is((await send(exchange.baseUrl, long)).status, 431);
  const smuggled =
    'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /';
  t.is((await send(exchange.baseUrl, smuggled)).status, 400);
  const split =
    'GET /time HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: a%0d%0aSet-Cookie: b\r\n\r\n';
  t.notRegex((await send(exchange.baseUrl, split)).text, /Set-Cookie/i);
});

test('no answer is taken for anything but what its type says, or shown in a frame', async (t) => {
  for (const path of ['/time', '/orders', '/nowhere', '/products/PIKACHU-USD/book'])
    for (const { headers } of [await alice.get(path), await exchange.anonymous.get(path)]) {
      t.is(headers.get('x-content-type-options'), 'nosniff', path);
      t.is(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'", path);
      t.is(headers.get('x-frame-options'), 'DENY', path);
      t.is(headers.get('referrer-policy'), 'no-referrer', path);
    }
  const page = await fetch(`${exchange.baseUrl}/docs`);
  t.regex(page.headers.get('content-security-policy')!, /script-src 'self'/);
});

test('what a client sends does not break the lines of the log', async (t) => {
  await exchange.anonymous.get('/orders', { authorization: 'Bearer {"level":60}' });
  const lines = exchange.processes.api.flatMap(({ lines }) => lines);
  for (const line of lines.filter((text) => text.startsWith('{'))) t.notThrows(() => JSON.parse(line));
  t.false(
    lines.some((line) => /Bearer [\w-]{20}/.test(line)),
    'tokens are not logged',
  );
});

test('an answer tells no stack, no file and no query', async (t) => {
  for (const [method, path, body] of [
    ['POST', '/orders', '{'],
    ['POST', '/orders', '[]'],
    ['GET', "/orders?limit=1';--", undefined],
    ['GET', '/orders/%00', undefined],
    ['GET', '/orders/client:%ff', undefined],
  ] as const) {
    const { text } = await send(
      exchange.baseUrl,
      `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body?.length ?? 0}\r\n\r\n${body ?? ''}`,
    );
    t.notRegex(text, /node_modules|\.ts:|at \w+ \(|select |postgres/i, path);
  }
});

test('paths that climb or are doubled reach no other route', async (t) => {
  for (const path of [
    '//orders',
    '/docs/../orders',
    '/orders/..%2faccounts',
    '/%2e%2e/orders',
    '/ORDERS%00',
  ]) {
    const { status } = await send(
      exchange.baseUrl,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    t.true([400, 401, 404].includes(status), `${path}: ${status}`);
  }
});
