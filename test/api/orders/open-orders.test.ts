import test from 'ava';
import { shardKeys } from '../../../core/keys.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';

let exchange: Exchange;

test.before(async () => {
  exchange = await startExchange({ env: { MAX_OPEN_ORDERS: '5' } });
});
test.after.always(() => exchange?.stop());

const tooMany = 'Open order limit reached: a trader may have 5 open orders in a product';
const bid = (product: string, changes: Record<string, unknown> = {}) => ({
  ...{ product_id: product, side: 'buy', price: '1.00', size: '1' },
  ...changes,
});
const place = (client: Client, body: unknown) => client.post('/orders', body);

/** A trader of its own for each test, and a product. */
let traders = 0;
async function newTrader(): Promise<{ trader: Client; product: string }> {
  const [trader, product] = await Promise.all([exchange.trader(++traders), exchange.addProduct()]);
  return { trader, product };
}

test('of many orders at once as many rest as may, and the others are refused', async (t) => {
  const { trader, product } = await newTrader();
  const answers = await Promise.all(Array.from({ length: 20 }, () => place(trader, bid(product))));
  t.is(answers.filter(({ status }) => status === 200).length, 5);
  for (const { status, body } of answers)
    if (status !== 200) t.deepEqual([status, body.message], [400, tooMany]);
  t.is((await trader.get('/orders')).body.length, 5);
});

test('a batch has its first orders taken, and says of each other one why not', async (t) => {
  const { trader, product } = await newTrader();
  const { body } = await trader.post(
    '/orders/batch',
    Array.from({ length: 8 }, () => bid(product)),
  );
  t.deepEqual(
    body.map((order: Record<string, unknown>) => order.status ?? order.message),
    [...new Array(5).fill('open'), ...new Array(3).fill(tooMany)],
  );
});

test('what never rests, another product, and a repeat are no more open orders', async (t) => {
  const { trader, product } = await newTrader();
  const body = bid(product, { client_oid: 'first' });
  const first = await place(trader, body);
  for (let i = 0; i < 4; i++) await place(trader, bid(product));
  t.is((await place(trader, bid(product))).body.message, tooMany);
  t.is((await place(trader, bid(product, { time_in_force: 'IOC' }))).status, 200);
  t.is((await place(trader, bid(await exchange.addProduct()))).status, 200);
  t.is((await place(trader, body)).body.id, first.body.id);
});

test('an order that is canceled or filled makes room for another', async (t) => {
  const { trader, product } = await newTrader();
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push((await place(trader, bid(product))).body.id);
  await trader.delete(`/orders/${ids[4]}`);
  t.is((await place(trader, bid(product))).status, 200);
  const other = await exchange.trader(++traders);
  await place(other, bid(product, { side: 'sell', size: '2' }));
  const answers = await Promise.all(Array.from({ length: 4 }, () => place(trader, bid(product))));
  t.is(answers.filter(({ status }) => status === 200).length, 2);
});

test('many requests to cancel everything cancel each order once', async (t) => {
  const { trader, product } = await newTrader();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push((await place(trader, bid(product))).body.id);
  const before = Number(await exchange.redis.hget(shardKeys(exchange.shard).state, 'sequence'));
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => trader.delete(`/orders?product_id=${product}`)),
  );
  t.deepEqual(answers.flatMap(({ body }) => body).sort(), ids.sort());
  const { body } = await place(trader, bid(product));
  t.true(Number(body.id) - before < 50, 'not ten cancels an order');
  t.deepEqual((await trader.delete('/orders')).body, [body.id]);
});

test('orders that their product does not let go are not passed over in silence', async (t) => {
  const { trader, product } = await newTrader();
  const { body } = await place(trader, bid(product));
  await exchange.operator.put(`/products/${product}`, { status: 'offline' });
  for (const path of ['/orders', `/orders?product_id=${product}`]) {
    const answer = await trader.delete(path);
    t.deepEqual([answer.status, answer.body.message], [400, 'The product is under maintenance']);
  }
  await exchange.operator.put(`/products/${product}`, { status: 'cancel_only' });
  t.deepEqual((await trader.delete('/orders')).body, [body.id]);
});

test('a product or trader that is named without a value is refused; null is not given', async (t) => {
  const { trader, product } = await newTrader();
  const { body } = await place(trader, bid(product));
  for (const query of ['product_id=', 'product_id[]=', 'trader_id='])
    t.is((await trader.delete(`/orders?${query}`)).status, 400, query);
  t.is((await trader.delete('/orders', { product_id: '' })).status, 400);
  t.is((await trader.get('/orders')).body.length, 1);
  t.deepEqual((await trader.delete('/orders', { product_id: null, trader_id: null })).body, [body.id]);
});
