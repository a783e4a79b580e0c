import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';

let exchange: Exchange;
let trader: Client;

test.before(async () => {
  exchange = await startExchange();
  trader = await exchange.trader(1);
});
test.after.always(() => exchange?.stop());

let oids = 0;
const newOid = () => `repeat-${++oids}`;
const change = async (product: string, body: Record<string, unknown>) => {
  const answer = await exchange.operator.put(`/products/${product}`, body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
};

/** What is done to the product between an order and its repeat. */
const changes: [what: string, body: Record<string, unknown>][] = [
  ['a lower highest price', { max_price: '1.50' }],
  ['a smaller largest size', { base_max_size: '2' }],
  ['a larger least size', { base_min_size: '50' }],
  ['other limits of funds', { min_market_funds: '900', max_market_funds: '1000' }],
  ['another self-trade prevention', { stp: 'cb' }],
  ['cancel only', { status: 'cancel_only' }],
  ['offline', { status: 'offline' }],
];
const bodies: [what: string, body: Record<string, unknown>][] = [
  ['limit', { price: '2.00', size: '7' }],
  ['limit with its prevention', { price: '2.00', size: '7', stp: 'dc' }],
  ['market', { type: 'market', size: '7' }],
  ['market by funds', { type: 'market', funds: '30.00' }],
  ['market by both', { type: 'market', size: '7', funds: '30.00' }],
];

test('a repeat has its first order whatever became of the product, and another order has not', async (t) => {
  for (const [what, body] of changes) {
    const product = await exchange.addProduct();
    const firsts = [];
    for (const [kind, form] of bodies) {
      const asked = { product_id: product, side: 'buy', ...form, client_oid: newOid() };
      firsts.push({ kind, asked, id: (await trader.post('/orders', asked)).body.id });
    }
    await change(product, body);
    for (const { kind, asked, id } of firsts) {
      const again = await trader.post('/orders', asked);
      t.deepEqual([again.status, again.body.id], [200, id], `${kind} after ${what}`);
      const other = await trader.post('/orders', { ...asked, side: 'sell' });
      t.deepEqual([other.status, other.body.message], [400, 'Duplicate client_oid'], `${kind} after ${what}`);
    }
    const batch = await trader.post(
      '/orders/batch',
      firsts.map(({ asked }) => asked),
    );
    t.deepEqual(
      batch.body.map((order: { id: string }) => order.id),
      firsts.map(({ id }) => id),
      `a batch after ${what}`,
    );
  }
});

test('an order that is new is held to what the product says now, and a batch with one names it', async (t) => {
  const product = await exchange.addProduct();
  const asked = { product_id: product, side: 'buy', price: '2.00', size: '7', client_oid: newOid() };
  await trader.post('/orders', asked);
  await change(product, { max_price: '1.50' });
  const message = 'price is too large: must be at most 1.50';
  const fresh = { ...asked, client_oid: newOid() };
  const single = await trader.post('/orders', fresh);
  t.deepEqual([single.status, single.body], [400, { message }]);
  const batch = await trader.post('/orders/batch', [asked, fresh]);
  t.deepEqual([batch.status, batch.body], [400, { message: `Order at index 1: ${message}` }]);
});

test('an answer to a market order shows what was sent, however large the product lets it be', async (t) => {
  const product = await exchange.addProduct({ base_max_size: '10' });
  const market = { product_id: product, side: 'buy', type: 'market' };
  const shown = async (body: Record<string, unknown>) => {
    const { size, funds, specified_funds } = (await trader.post('/orders', { ...market, ...body })).body;
    return { size, funds, specified_funds };
  };
  const funds = { funds: '30.00', specified_funds: '30.00' };
  t.deepEqual(await shown({ funds: '30' }), { size: undefined, ...funds });
  t.deepEqual(await shown({ size: '10', funds: '30' }), { size: '10', ...funds });
  t.deepEqual(await shown({ size: '10' }), { size: '10', funds: undefined, specified_funds: undefined });
  await change(product, { base_max_size: '7' });
  const { body } = await trader.get(`/orders?status=done&product_id=${product}`);
  t.deepEqual(
    body.map((order: { size?: string }) => order.size),
    ['10', '10', undefined],
  );
});
