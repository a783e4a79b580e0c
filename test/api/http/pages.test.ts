import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';

let exchange: Exchange;
let trader: Client;
let product: string;

/** Ten orders, of which each trades with one of another trader's, in a funded product. */
test.before(async () => {
  exchange = await startExchange();
  trader = await exchange.trader(1);
  const other = await exchange.trader(2);
  product = 'VIBRANIUM-USD';
  await exchange.deposit(2, 'VIBRANIUM', '100');
  for (let i = 0; i < 10; i++) await exchange.deposit(1, 'USD', '10');
  const order = { product_id: product, price: '1.00', size: '1' };
  for (let i = 0; i < 10; i++) await other.post('/orders', { ...order, side: 'sell' });
  for (let i = 0; i < 10; i++) await trader.post('/orders', { ...order, side: 'buy' });
  for (let i = 0; i < 10; i++) await trader.post('/orders', { ...order, side: 'buy', price: '0.50' });
});
test.after.always(() => exchange?.stop());

type Row = Record<string, unknown>;
const lists: [path: () => string, cursorOf: (row: Row) => unknown][] = [
  [() => '/orders?status=done', ({ id }) => id],
  [() => '/orders?status=open', ({ id }) => id],
  [() => `/fills?product_id=${product}`, ({ trade_id }) => trade_id],
  [() => `/products/${product}/trades`, ({ trade_id }) => trade_id],
  [() => '/accounts/1-USD/ledger', ({ id }) => id],
  [() => '/accounts/1-USD/holds', ({ id }) => id],
  [() => '/transfers', ({ id }) => id],
];

test('pages lead from the newest row to the oldest by after, and back by before, with no row missed', async (t) => {
  for (const [path, cursorOf] of lists) {
    const get = (query: string) => trader.get(`${path()}${path().includes('?') ? '&' : '?'}${query}`);
    const all = (await get('limit=1000')).body.map(cursorOf);
    t.true(all.length >= 10, path());
    const down: unknown[] = [];
    let page = await get('limit=3');
    while (page.body.length > 0) {
      down.push(...page.body.map(cursorOf));
      if (down.length >= all.length) break;
      page = await get(`limit=3&after=${page.headers.get('cb-after')}`);
    }
    t.deepEqual(down, all, path());
    const last = page.headers.get('cb-before');
    const up: unknown[] = page.body.map(cursorOf);
    page = await get(`limit=3&before=${last}`);
    while (page.body.length > 0) {
      up.unshift(...page.body.map(cursorOf));
      page = await get(`limit=3&before=${page.headers.get('cb-before')}`);
    }
    t.deepEqual(up, all, path());
    t.is(
      (await get(`before=${last}&limit=1000`)).headers.get('cb-before'),
      (await get('')).headers.get('cb-before'),
    );
  }
});

test('orders are listed the other way if that is asked for, and their cursors with them', async (t) => {
  const get = async (query: string) => trader.get(`/orders?status=all&${query}`);
  const idsOf = (body: Row[]) => body.map(({ id }) => id);
  const all = idsOf((await get('sorting=desc&sortedBy=created_at')).body).reverse();
  t.deepEqual(idsOf((await get('sorting=asc')).body), all);
  const up: unknown[] = [];
  let page = await get('sorting=asc&limit=7');
  while (page.body.length > 0) {
    up.push(...idsOf(page.body));
    page = await get(`sorting=asc&limit=7&after=${page.headers.get('cb-after')}`);
  }
  t.deepEqual(up, all);
  const back = await get(`sorting=asc&limit=2&before=${all[5]}`);
  t.deepEqual(idsOf(back.body), all.slice(3, 5));
});

test('dates at the ends of time are answered, and a time between two milliseconds is where it is', async (t) => {
  const [newest] = (await trader.get('/orders?status=all')).body;
  const counts: [query: string, count: number][] = [
    ['start_date=0001-01-01T00:00:00%2B02:00', 20],
    ['end_date=0001-01-01T00:00:00%2B02:00', 0],
    ['end_date=9999-12-31T23:59:59-05:00', 20],
    ['start_date=9999-12-31T23:59:59-05:00', 0],
  ];
  for (const [query, count] of counts) {
    const { status, body } = await trader.get(`/orders?status=all&${query}`);
    t.deepEqual([status, body.length], [200, count], query);
  }
  const at = newest.created_at.slice(0, -1);
  const has = async (query: string) =>
    (await trader.get(`/orders?status=all&${query}`)).body.some(({ id }: Row) => id === newest.id);
  t.true(await has(`end_date=${at}000001Z`));
  t.false(await has(`end_date=${at}Z`));
  t.true(await has(`start_date=${at}000Z`));
  t.false(await has(`start_date=${at}000001Z`));
});

test('only the preference itself is answered at once', async (t) => {
  const order = { product_id: product, side: 'buy', price: '0.10', size: '1' };
  const another = await exchange.trader(3);
  await exchange.deposit(3, 'USD', '10');
  const status = async (prefer: string) => (await another.post('/orders', order, { prefer })).status;
  for (const prefer of ['respond-async', 'wait=5, respond-async', 'RESPOND-ASYNC; x', 'a,respond-async ,b'])
    t.is(await status(prefer), 202, prefer);
  for (const prefer of ['x-no-respond-async', 'respond-async-not', 'no=respond-async', 'wait=1'])
    t.is(await status(prefer), 200, prefer);
});

test('a request id that would name an order or a trade is not taken', async (t) => {
  const idFor = async (id: string) =>
    (await trader.get('/time', { 'x-request-id': id })).headers.get('x-request-id');
  t.is(await idFor('my-7'), 'my-7');
  for (const id of ['42', 'A-USD:7', '0']) t.not(await idFor(id), id);
});

const heads: [head: string, status: RegExp][] = [
  ['GET http://[ HTTP/1.1\r\nHost: x', /^HTTP\/1\.1 400 /],
  ['GET /time HTTP/1.1\r\nHost: x\r\nHost: y', /^HTTP\/1\.1 400 /],
  ['GET http://x/time HTTP/1.1\r\nHost: x', /^HTTP\/1\.1 200 /],
  ['GET ftp://x/time HTTP/1.1\r\nHost: x', /^HTTP\/1\.1 400 /],
];

test('a target that cannot be read, and two hosts, are refused as what they are', async (t) => {
  const { hostname, port } = new URL(exchange.baseUrl);
  for (const [head, status] of heads) {
    const socket = connect(Number(port), hostname);
    socket.end(`${head}\r\nConnection: close\r\n\r\n`);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    await once(socket, 'close');
    t.regex(text, status, head);
    t.notThrows(() => JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)), head);
  }
});
