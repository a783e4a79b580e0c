import test from 'ava';
import { execute } from '../../support/database.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Answer, Client } from '../../support/http.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

const link = (client: Client, to: object): Promise<Answer> => client.post('/links', to);

async function follow(path: string, accept = '*/*') {
  const answer = await fetch(exchange.baseUrl + path, { redirect: 'manual', headers: { accept } });
  const text = await answer.text();
  return { status: answer.status, to: answer.headers.get('location'), headers: answer.headers, text };
}

test('a link leads to the page, at what it was made for; the same has the same link', async (t) => {
  const product = await exchange.addProduct();
  const [ash, misty] = [await exchange.trader(1), await exchange.trader(2)];
  const order = { product_id: product, price: '5.00', size: '1' };
  await ash.post('/orders', { ...order, side: 'sell' });
  await misty.post('/orders', { ...order, side: 'buy' });
  const range = { start: '2026-01-31T12:00:00+01:00', end: '2026-01-31T18:00:00Z' };
  const targets: readonly [to: object, hash: string][] = [
    [{}, ''],
    [{ granularity: 3_600 }, '?granularity=3600'],
    [
      { granularity: 60, ...range },
      '?granularity=60&start=2026-01-31T11:00:00.000Z&end=2026-01-31T18:00:00.000Z',
    ],
    [{ trade_id: 1 }, '?trade_id=1'],
  ];
  for (const [to, hash] of targets) {
    const { status, body } = await link(ash, { product_id: product, ...to });
    t.is(status, 200, JSON.stringify(body));
    t.regex(body.code, /^[0-9A-Za-z]{8}$/);
    t.is(body.url, `${exchange.baseUrl}/s/${body.code}`);
    t.like(await follow(`/s/${body.code}`), { status: 302, to: `/#/${product}${encoded(hash)}` });
    t.deepEqual((await link(misty, { product_id: product, ...to })).body, body);
  }
});

const encoded = (hash: string): string => hash.replace(/:/g, '%3A');

test('what a link cannot lead to is refused', async (t) => {
  const product_id = await exchange.addProduct();
  const trader = await exchange.trader(3);
  const [start, end] = ['2026-01-31T12:00:00Z', '2026-01-31T18:00:00Z'];
  const refused: readonly [to: object, why: RegExp][] = [
    [{}, /product_id: required/],
    [{ product_id: 'NONE-USD' }, /Product not found/],
    [{ product_id: '//evil.example' }, /Product not found/],
    [{ product_id, granularity: 61 }, /granularity: must be one of/],
    [{ product_id, start }, /end: must be there with start/],
    [{ product_id, start: end, end: start }, /start: must be before end/],
    [{ product_id, start: 'yesterday', end }, /start: must be an ISO 8601 time/],
    [{ product_id, trade_id: 0 }, /trade_id: must be the number/],
    [{ product_id, trade_id: 7 }, /there is no such trade/],
  ];
  for (const [to, why] of refused) {
    const { status, body } = await link(trader, to);
    t.is(status, 400, JSON.stringify(to));
    t.regex(body.message, why);
  }
  t.is((await link(exchange.anonymous, { product_id })).status, 401);
  t.is((await link(exchange.operator, { product_id })).status, 403);
});

test('a trader may make a thousand links', async (t) => {
  const product_id = await exchange.addProduct();
  const trader = await exchange.trader(4);
  await execute(
    exchange.databaseUrl,
    `insert into links (code, trader_id, target)
      select lpad(n::text, 8, '0'), 4, 'made ' || n from generate_series(1, 999) as n`,
  );
  const { body } = await link(trader, { product_id });
  t.regex((await link(trader, { product_id, granularity: 60 })).body.message, /1000 links/);
  t.deepEqual((await link(trader, { product_id })).body, body, 'one that there is');
  t.is((await link(await exchange.trader(5), { product_id, granularity: 60 })).status, 200);
});

test('who follows a link that there is not is told so, in a browser by the page', async (t) => {
  for (const path of ['/s/00000001x', '/s/zzzzzzzz', '/s/%2e%2e%2fetc']) {
    const answer = await follow(path);
    t.is(answer.status, 404, path);
    t.deepEqual(JSON.parse(answer.text), { message: 'NotFound' });
  }
  const inBrowser = await follow('/s/zzzzzzzz', 'text/html,application/xhtml+xml,*/*;q=0.8');
  t.is(inBrowser.status, 404);
  t.regex(inBrowser.headers.get('content-security-policy')!, /^default-src 'none';script-src 'self';/);
});
