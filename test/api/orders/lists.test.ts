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

const idsIn = ({ body }: Answer): string[] => body.map(({ id }: { id: string }) => id);
const tradesIn = ({ body }: Answer): number[] => body.map(({ trade_id }: { trade_id: number }) => trade_id);
const cursorsOf = ({ headers }: Answer) => [headers.get('cb-before'), headers.get('cb-after')];
const limit = (product_id: string, side: string, price: string, size: string, more = {}) => ({
  ...{ product_id, side, price, size },
  ...more,
});

/** Places orders one after the other as trader 1 and returns their ids, newest first. */
async function placeAll(orders: readonly object[]): Promise<string[]> {
  const { body } = await alice.post('/orders/batch', orders);
  return body.map(({ id }: { id: string }) => id).reverse();
}

test('orders come newest first, in pages that cursors lead through', async (t) => {
  const product = await exchange.addProduct();
  const ids = await placeAll(new Array(7).fill(limit(product, 'sell', '2.00', '1')));
  const at = `/orders?product_id=${product}`;
  const page = await alice.get(`${at}&limit=3`, { origin: 'https://page.example' });
  t.deepEqual(idsIn(page), ids.slice(0, 3));
  t.deepEqual(cursorsOf(page), [ids[0], ids[2]]);
  t.regex(page.headers.get('access-control-expose-headers') ?? '', /CB-BEFORE,CB-AFTER/);
  const next = await alice.get(`${at}&limit=3&after=${page.headers.get('cb-after')}`);
  t.deepEqual(idsIn(next), ids.slice(3, 6));
  t.deepEqual(idsIn(await alice.get(`${at}&after=${next.headers.get('cb-after')}`)), ids.slice(6));
  t.deepEqual(idsIn(await alice.get(`${at}&before=${ids[2]}`)), ids.slice(0, 2));
  t.deepEqual(idsIn(await alice.get(`${at}&before=${ids[5]}&after=${ids[1]}`)), ids.slice(2, 5));
  const empty = await alice.get(`${at}&after=${ids[6]}`);
  t.deepEqual([empty.body, ...cursorsOf(empty)], [[], null, null]);
});

test('limit is 1,000 at most, and 100 if not given', async (t) => {
  const product = await exchange.addProduct();
  await placeAll(new Array(1_000).fill(limit(product, 'sell', '2.00', '1')));
  await placeAll([limit(product, 'sell', '2.00', '1')]);
  const lengths: [query: string, length: number][] = [
    ['', 100],
    ['&limit=2', 2],
    ['&limit=1000', 1_000],
    ['&limit=99999999999999999999', 1_000],
  ];
  for (const [query, length] of lengths)
    t.is((await alice.get(`/orders?product_id=${product}${query}`)).body.length, length);
});

test('orders are filtered by status, however the query is written', async (t) => {
  const product = await exchange.addProduct();
  const [rejected, filled, open] = await placeAll([
    limit(product, 'sell', '3.00', '1'),
    limit(product, 'buy', '1.00', '1', { time_in_force: 'IOC' }),
    limit(product, 'buy', '3.00', '1', { post_only: true }),
  ]);
  const found: [query: string, ids: (string | undefined)[]][] = [
    ['', [open]],
    ['status=open', [open]],
    ['status=done', [filled]],
    ['status=all', [rejected, filled, open]],
    ['status=pending', []],
    ['status=active&status=pending', []],
    ['status=open&status=done', [filled, open]],
    ['status[]=open&status[]=rejected', [rejected, open]],
    ['status%5B0%5D=done&status%5B1%5D=rejected', [rejected, filled]],
    ['status=open&status=done&status=rejected&sortedBy=created_at&sorting=desc', [rejected, filled, open]],
  ];
  for (const [query, ids] of found)
    t.deepEqual(idsIn(await alice.get(`/orders?product_id=${product}&${query}`)), ids as string[], query);
});

test('orders are filtered by date', async (t) => {
  const product = await exchange.addProduct();
  const [first] = await placeAll([limit(product, 'sell', '3.00', '1')]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const [second] = await placeAll([limit(product, 'sell', '3.00', '1')]);
  const { body } = await alice.get(`/orders/${second}`);
  const at = `/orders?product_id=${product}`;
  t.deepEqual(idsIn(await alice.get(`${at}&start_date=${body.created_at}`)), [second]);
  t.deepEqual(idsIn(await alice.get(`${at}&end_date=${body.created_at}`)), [first]);
  t.deepEqual(idsIn(await alice.get(`${at}&start_date=2020-01-01&end_date=2020-01-02T00:00:00+01:00`)), []);
});

test("fills show one's own side of each trade", async (t) => {
  const product = await exchange.addProduct();
  const [makers, taker] = [
    await placeAll([limit(product, 'sell', '2.00', '1'), limit(product, 'sell', '2.50', '2')]),
    await bob.post('/orders', limit(product, 'buy', '3.00', '2')),
  ];
  const hers = await alice.get(`/fills?product_id=${product}`);
  const { created_at: _, ...fill } = hers.body[0];
  t.deepEqual(fill, {
    ...{
      trade_id: 2,
      product_id: product,
      order_id: makers[0],
      user_id: '1',
      profile_id: '1',
      liquidity: 'M',
    },
    ...{ price: '2.50', size: '1', fee: '0.00', side: 'sell', settled: true, usd_volume: '2.50' },
  });
  t.deepEqual(tradesIn(hers), [2, 1]);
  const his = await bob.get(`/fills?order_id=${taker.body.id}`);
  t.deepEqual(tradesIn(his), [2, 1]);
  t.like(his.body[1], { side: 'buy', liquidity: 'T', order_id: taker.body.id, price: '2.00' });
  t.deepEqual(tradesIn(await alice.get(`/fills?order_id=${makers[1]}`)), [1]);
  t.deepEqual((await alice.get(`/fills?order_id=${taker.body.id}`)).body, [], 'another trader has them');
  t.deepEqual((await alice.get('/fills?order_id=999999')).body, []);
  t.deepEqual((await exchange.trader(3).then((c) => c.get(`/fills?product_id=${product}`))).body, []);
});

test('fills and trades come in pages whose cursor is the trade id', async (t) => {
  const product = await exchange.addProduct();
  await placeAll(new Array(5).fill(limit(product, 'sell', '2.00', '1')));
  await bob.post('/orders', limit(product, 'buy', '2.00', '5'));
  for (const at of [`/fills?product_id=${product}`, `/products/${product}/trades?`]) {
    const page = await bob.get(`${at}&limit=2`);
    t.deepEqual(
      [tradesIn(page), cursorsOf(page)],
      [
        [5, 4],
        ['5', '4'],
      ],
    );
    t.deepEqual(tradesIn(await bob.get(`${at}&limit=2&after=4`)), [3, 2]);
    t.deepEqual(tradesIn(await bob.get(`${at}&before=4`)), [5]);
    t.deepEqual(tradesIn(await bob.get(`${at}&before=1&after=4`)), [3, 2]);
  }
});

test('a trade with oneself is two fills, which no page parts', async (t) => {
  const product = await exchange.addProduct();
  await placeAll(new Array(3).fill(limit(product, 'sell', '2.00', '1')));
  await alice.post('/orders', limit(product, 'buy', '2.00', '3'));
  const sides = ({ body }: Answer): string[] =>
    body.map(
      (f: { trade_id: number; liquidity: string; side: string }) => `${f.trade_id} ${f.liquidity} ${f.side}`,
    );
  const at = `/fills?product_id=${product}`;
  t.deepEqual(sides(await alice.get(`${at}&limit=1`)), ['3 M sell', '3 T buy']);
  t.deepEqual(sides(await alice.get(`${at}&limit=1&after=3`)), ['2 M sell', '2 T buy']);
  t.is((await alice.get(at)).body.length, 6);
});

test('positions are what came of products that touch no account', async (t) => {
  const [one, two] = [await exchange.addProduct(), await exchange.addProduct({ base_increment: '0.5' })];
  const funded = await exchange.addProduct({ funded: true });
  const [a, b] = [4_001, 4_002];
  await exchange.deposit(a, 'USD', '10');
  await exchange.deposit(b, funded.split('-')[0]!, '10');
  for (const [traderId, product, side, price, size] of [
    [a, one, 'buy', '2.00', '5'],
    [b, one, 'sell', '2.00', '3'],
    [a, one, 'sell', '1.00', '1'],
    [b, one, 'buy', '1.00', '1'],
    [b, two, 'sell', '4.00', '1.5'],
    [a, two, 'buy', '4.00', '1'],
    [b, funded, 'sell', '1.00', '1'],
    [a, funded, 'buy', '1.00', '1'],
  ] as const)
    await exchange.operator.post('/orders', limit(product, side, price, size, { trader_id: traderId }));
  const of = async (traderId: number) =>
    (await exchange.operator.get(`/positions?trader_id=${traderId}`)).body;
  t.deepEqual(await of(a), [
    { product_id: one, base: '3', quote: '-6.00' },
    { product_id: two, base: '1.0', quote: '-4.000' },
  ]);
  t.deepEqual(await of(b), [
    { product_id: one, base: '-3', quote: '6.00' },
    { product_id: two, base: '-1.0', quote: '4.000' },
  ]);
  t.deepEqual(await of(4_003), []);
});

test('there are no fees, and a trader has one profile', async (t) => {
  t.deepEqual((await alice.get('/fees')).body, {
    ...{ maker_fee_rate: '0.0000', taker_fee_rate: '0.0000', usd_volume: '0.00' },
  });
  const { body } = await alice.get('/profiles');
  t.like(body, [{ id: '1', user_id: '1', is_default: true, active: true }]);
  t.true(Date.parse(body[0].created_at) <= Date.now());
  t.deepEqual((await exchange.operator.get('/profiles?trader_id=1')).body, body);
});
