import test from 'ava';
import { withPostgres } from '../../../sql/with-postgres.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { settled } from '../../support/same-as-naive.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
let operator: Client;
let alice: Client;
let bob: Client;

test.before(async () => {
  exchange = await startExchange({ matchers: 2, writers: 2 });
  operator = exchange.operator;
  [alice, bob] = [await exchange.trader(1), await exchange.trader(2)];
});
test.after.always(() => exchange?.stop());

/** A product whose last trade was at 5.00. */
async function tradedProduct(rules: Record<string, unknown>): Promise<string> {
  const product_id = await exchange.addProduct(rules);
  const order = { product_id, price: '5.00', size: '1' };
  await alice.post('/orders', { ...order, side: 'sell' });
  await bob.post('/orders', { ...order, side: 'buy' });
  return product_id;
}

test.serial('the collar is a rule of the product that operators can set', async (t) => {
  const product = await exchange.addProduct({ price_collar: '0.1' });
  const path = `/products/${product}`;
  const shown = { price_collar: '0.1000', collar_halts: false, max_slippage_percentage: '0.10000000' };
  t.like((await operator.get(path)).body, shown);
  for (const price_collar of ['-0.1', '1.000001', '0.0000001', 'much'])
    t.is((await operator.put(path, { price_collar })).body.message, invalid, price_collar);
  t.like((await operator.put(path, { price_collar: 0.000001, collar_halts: true })).body, {
    ...{ price_collar: '0.000001', collar_halts: true, max_slippage_percentage: '0.00000100' },
  });
  t.like((await operator.put(path, { max_price: '99' })).body, {
    price_collar: '0.000001',
    collar_halts: true,
  });
  t.like((await operator.put(path, { price_collar: '0' })).body, { price_collar: '0.0000' });
});

const invalid = 'Invalid price_collar: must be from 0 to 1, with six decimal places at most';

test.serial('orders beyond the collar are refused, and market orders trade up to it', async (t) => {
  const product_id = await tradedProduct({ price_collar: '0.1' });
  const sell = { product_id, side: 'sell', size: '2' };
  await alice.post('/orders', { ...sell, price: '5.50' });
  await alice.post('/orders', { ...sell, price: '5.60' });
  const refused = await bob.post('/orders', { product_id, side: 'buy', price: '5.51', size: '1' });
  t.deepEqual([refused.status, refused.body.message], [400, 'price is too far from the last trade']);
  t.is((await bob.get('/orders?status=rejected')).body[0].reject_reason, 'price collar');
  const { body } = await bob.post('/orders', { product_id, side: 'buy', type: 'market', size: '3' });
  t.like(body, { status: 'done', done_reason: 'canceled', filled_size: '2', executed_value: '11.00' });
  const rest = await bob.post('/orders', { product_id, side: 'buy', price: '5.00', size: '1' });
  const moved = await bob.put(`/orders/${rest.body.id}`, { price: '9.00' });
  t.is(moved.body.message, 'price is too far from the last trade');
  t.is((await operator.get(`/products/${product_id}`)).body.cancel_only, false);
});

test.serial(
  'a product that says so takes cancels only once an order has met its collar, by one command, until an operator opens it',
  async (t) => {
    const product_id = await tradedProduct({ price_collar: '0.1', collar_halts: true });
    const path = `/products/${product_id}`;
    await alice.post('/orders', { product_id, side: 'sell', price: '5.60', size: '3' });
    const buy = { product_id, side: 'buy', type: 'market', size: '3' };
    const bought = await Promise.all(Array.from({ length: 5 }, () => bob.post('/orders', buy)));
    for (const { body } of bought) t.true(body.filled_size === '0' || /^Cancel only/.test(body.message));
    await until(async () => (await operator.get(path)).body.cancel_only);
    t.regex((await bob.post('/orders', buy)).body.message, /^Cancel only mode/);
    await settled(exchange);
    await until(async () => (await halts()) === 0);
    t.like((await operator.put(path, { cancel_only: false, price_collar: '0.2' })).body, {
      cancel_only: false,
    });
    t.is((await bob.post('/orders', buy)).body.filled_size, '3');
    await settled(exchange);
    t.deepEqual(await announcementsOf(product_id), [
      'online 1 collar:100000',
      'cancel_only 2 collar:100000',
      'online 3 collar:200000',
    ]);
  },
);

test.serial(
  'who has locked the row of a product holds up its halt and nothing else, and no kill loses it',
  async (t) => {
    const product_id = await tradedProduct({ price_collar: '0.1', collar_halts: true });
    await alice.post('/orders', { product_id, side: 'sell', price: '5.60', size: '3' });
    await withPostgres(exchange.databaseUrl, async (client) => {
      await client.query('begin');
      await client.query('select from products where product_id = $1 for update', [product_id]);
      const { body } = await bob.post('/orders', { product_id, side: 'buy', type: 'market', size: '1' });
      t.like(body, { status: 'done', done_reason: 'canceled' });
      await settled(exchange);
      t.is(await halts(), 1);
      await exchange.kill('matcher');
      await exchange.kill('writer');
      await client.query('rollback');
    });
    await Promise.all([exchange.start('matcher'), exchange.start('writer')]);
    await until(async () => (await operator.get(`/products/${product_id}`)).body.cancel_only);
    t.is(await halts(), 0);
    await settled(exchange);
    t.deepEqual(await announcementsOf(product_id), ['online 1 collar:100000', 'cancel_only 2 collar:100000']);
  },
);

function halts(): Promise<number> {
  return withPostgres(exchange.databaseUrl, async (client) => {
    const { rows } = await client.query<{ count: string }>('select count(*) from halts');
    return Number(rows[0]!.count);
  });
}

/** Status, version and collar of each, as often as the two matchers may have announced it. */
function announcementsOf(productId: string): Promise<string[]> {
  return withPostgres(exchange.databaseUrl, async (client) => {
    const { rows } = await client.query<{ line: string }>(
      `select line from commands where line like 'product ' || $1 || ' %' order by sequence`,
      [productId],
    );
    const said = rows.map(({ line }) => /(\w+ \d+) -.*(collar:\d+)/.exec(line)!.slice(1).join(' '));
    return [...new Set(said)];
  });
}
