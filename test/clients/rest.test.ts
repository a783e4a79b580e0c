import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { ExchangeError, OutcomeUnknown } from '../../clients/typescript/src/errors.ts';
import { createRest, type Rest } from '../../clients/typescript/src/rest.ts';
import { issueToken } from '../../sql/tokens.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

async function clientOf(traderId: number, fetched: typeof fetch = fetch): Promise<Rest> {
  const token = await issueToken(exchange.databaseUrl, { traderId });
  return createRest({ baseUrl: exchange.baseUrl, credentials: { token }, fetch: fetched });
}

/** Loses the answers to the first requests, after the exchange has done what they say; keeps what was sent. */
function losing(answers: number, bodies: string[]): typeof fetch {
  return async (input, init) => {
    bodies.push(String(init?.body));
    const answer = await fetch(input, init);
    if (bodies.length > answers) return answer;
    await answer.arrayBuffer();
    throw new TypeError('the connection was lost');
  };
}

test('two clients trade, and read what became of it', async (t) => {
  const [product_id, seller, buyer] = await Promise.all([exchange.addProduct(), clientOf(1), clientOf(2)]);
  const resting = await seller.placeOrder({ product_id, side: 'sell', price: '5.00', size: '10' });
  t.is(resting.status, 'open');
  const amended = await seller.amendOrder(resting.id, { price: '4.50' });
  t.is(amended.price, '4.50');
  const taken = await buyer.placeOrder({ product_id, side: 'buy', price: '6.00', size: '4' });
  t.like(taken, { status: 'done', done_reason: 'filled', executed_value: '18.00' });
  const { rows: fills } = await buyer.fills({ product_id });
  t.like(fills[0], { order_id: taken.id, price: '4.50', size: '4', liquidity: 'T', side: 'buy' });
  t.deepEqual((await buyer.book(product_id)).asks, [['4.50', '6', 1]]);
  t.deepEqual(await seller.cancelAll(product_id), [resting.id]);
  t.like(await seller.order(resting.id), { status: 'done', done_reason: 'canceled', filled_size: '4' });
});

test('an order whose answers are lost is sent again with the same client_oid, and taken once', async (t) => {
  const product_id = await exchange.addProduct();
  const bodies: string[] = [];
  const trader = await clientOf(3, losing(2, bodies));
  const order = await trader.placeOrder({ product_id, side: 'buy', price: '2.00', size: '1' });
  t.is(bodies.length, 3);
  t.is(new Set(bodies).size, 1);
  t.is(order.client_oid, JSON.parse(bodies[0]!).client_oid);
  const { rows } = await trader.orders({ product_id });
  t.deepEqual(
    rows.map(({ id }) => id),
    [order.id],
  );
});

test('a batch whose answer is lost is taken once', async (t) => {
  const product_id = await exchange.addProduct();
  const trader = await clientOf(4, losing(1, []));
  const orders = ['2.00', '2.01', '-1'].map((price) => ({
    product_id,
    side: 'buy' as const,
    price,
    size: '1',
  }));
  const placed = await trader.placeBatch(orders.slice(0, 2));
  t.is(placed.length, 2);
  t.is((await trader.orders({ product_id })).rows.length, 2);
  await t.throwsAsync(() => trader.placeBatch(orders), { instanceOf: ExchangeError });
});

test('a batch of which all are placed or none is refused whole, and taken once if its answer is lost', async (t) => {
  const product_id = await exchange.addProduct();
  const trader = await clientOf(4, losing(1, []));
  const order = (price: string, more = {}) => ({
    product_id,
    side: 'buy' as const,
    price,
    size: '1',
    ...more,
  });
  const placed = await trader.placeAllOrNone([order('2.00'), order('2.01')]);
  t.deepEqual(
    placed.map((one) => 'status' in one && one.status),
    ['open', 'open'],
  );
  const refused = await trader.placeAllOrNone([
    order('3.00'),
    order('1.00', { side: 'sell', post_only: true }),
  ]);
  t.deepEqual(
    refused.map((one) => ('status' in one ? one.status : one.message.slice(0, 10))),
    ['Not placed', 'rejected'],
  );
  t.is((await trader.orders({ product_id })).rows.length, 2);
});

test('what may not be sent twice is not, and its outcome is said to be unknown', async (t) => {
  const product_id = await exchange.addProduct();
  const bodies: string[] = [];
  const trader = await clientOf(5);
  const order = await trader.placeOrder({ product_id, side: 'buy', price: '2.00', size: '1' });
  const unlucky = await clientOf(5, losing(1, bodies));
  await t.throwsAsync(() => unlucky.cancelOrder(order.id), { instanceOf: OutcomeUnknown });
  t.is(bodies.length, 1);
  t.is((await trader.order(order.id)).done_reason, 'canceled');
});

test('a refusal carries the text, the status and the id of the request', async (t) => {
  const trader = await clientOf(6);
  const order = { product_id: 'PIKACHU-USD', side: 'buy' as const, price: '5.001', size: '1' };
  const error = await t.throwsAsync(() => trader.placeOrder(order), { instanceOf: ExchangeError });
  t.is(error?.status, 400);
  t.regex(error!.message, /price too precise/);
  t.truthy(error?.requestId);
});

test('lists lead to what is older by their cursors', async (t) => {
  const product_id = await exchange.addProduct();
  const trader = await clientOf(7);
  const batch = Array.from({ length: 5 }, () => ({
    product_id,
    side: 'buy' as const,
    price: '2.00',
    size: '1',
  }));
  await trader.placeBatch(batch);
  const first = await trader.orders({ product_id, limit: 3 });
  const second = await trader.orders({ product_id, limit: 3, after: first.after! });
  t.is(first.rows.length + second.rows.length, 5);
  t.is(new Set([...first.rows, ...second.rows].map(({ id }) => id)).size, 5);
});

test('an operator freezes a trader and lets it trade again', async (t) => {
  const credentials = { token: exchange.operatorToken };
  const operator = createRest({ baseUrl: exchange.baseUrl, credentials });
  const trader = await clientOf(9);
  const order = { product_id: await exchange.addProduct(), side: 'buy', price: '1.00', size: '1' } as const;
  t.like(await operator.setFrozen(9, true), { trader_id: '9', frozen: true });
  await t.throwsAsync(trader.placeOrder(order), {
    instanceOf: ExchangeError,
    message: /^The trader is frozen/,
  });
  t.true((await operator.traders({ frozen: 'true' })).rows.some(({ trader_id }) => trader_id === '9'));
  t.like(await operator.setFrozen(9, false), { frozen: false, frozen_at: null });
  t.is((await trader.placeOrder(order)).status, 'open');
});

test('the example of README trades', async (t) => {
  const env = { ...process.env, BASE_URL: exchange.baseUrl };
  const tokens = { SELLER: await exchange.tokenOf(7), BUYER: await exchange.tokenOf(8) };
  const cwd = fileURLToPath(new URL('../../', import.meta.url));
  const run = promisify(execFile)(process.execPath, ['examples/trade.ts'], {
    cwd,
    env: { ...env, ...tokens },
  });
  t.regex((await run).stdout, /^order \d+ is filled, and cost 5\.00 USD\ntrade \d+: 1 at 5\.00\n$/);
});
