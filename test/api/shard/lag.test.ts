import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Answer, Client } from '../../support/http.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
let alice: Client;

test.before(async () => {
  exchange = await startExchange({
    env: { WAIT_TIMEOUT_MS: '200', READ_TIMEOUT_MS: '200', MAX_UNMATCHED: '1000', READY_LAG_MS: '1000' },
  });
  alice = await exchange.trader(1);
});
test.after.always(() => exchange?.stop());

const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };
const withdrawal = { trader_id: 2, currency: 'USD', amount: '1', transfer_id: 'unmatched' };
const unavailable = ({ status, headers, body }: Answer) => [status, headers.get('retry-after'), body.message];

/** A writer that is ready has still to take its place, which may take longer than a read waits here. */
async function insist(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempts = 1; ; attempts++) {
    const answer = await ask();
    if (answer.status !== 503 || attempts === 50) return answer;
  }
}

/** Nothing was written for so long by now. */
async function untilNotReady(): Promise<void> {
  await until(async () => (await exchange.anonymous.get('/health/ready')).status !== 200, { pauseMs: 50 });
}

test.serial(
  'while nothing is written, orders are matched, reads of what must be written are answered 503, and soon the api is not ready',
  async (t) => {
    await exchange.kill('writer');
    const { body } = await alice.post('/orders', order);
    t.is(body.status, 'open');
    const behind = [503, '1', 'The exchange is behind; ask again'];
    t.deepEqual(unavailable(await alice.get(`/orders/${body.id}`)), behind);
    t.deepEqual(unavailable(await alice.get('/orders')), behind);
    t.is((await exchange.anonymous.get('/products/PIKACHU-USD/book')).body.bids.length, 1);
    t.is((await exchange.anonymous.get('/products/PIKACHU-USD/trades')).status, 200, 'from memory');
    const deposit = { trader_id: 2, currency: 'USD', amount: '1', transfer_id: 'unwritten' };
    t.is((await exchange.operator.post('/deposits', deposit)).status, 200);
    t.deepEqual(unavailable(await exchange.operator.post('/deposits', deposit)), behind, 'a repeat');
    t.deepEqual(unavailable(await exchange.operator.get('/accounts/2-USD')), behind);
    const { body: accepted } = await exchange.anonymous.get('/health/ready');
    const since = accepted.unpersisted_since ?? /since (.*)$/.exec(accepted.message)![1];
    t.true(since <= body.created_at, 'what announces the products may not be written either');
    await untilNotReady();
    const message = `Not ready: nothing came into PostgreSQL since ${since}`;
    t.deepEqual(unavailable(await exchange.anonymous.get('/health/ready')), [503, '1', message]);
    const trading = await exchange.anonymous.get('/health/trading');
    t.deepEqual([trading.status, trading.body], [200, { status: 'trading' }]);
    await exchange.start('writer');
    t.is((await insist(() => exchange.operator.post('/deposits', deposit))).status, 200);
    t.is((await exchange.operator.get('/accounts/2-USD')).body.balance, '1.00');
    t.is((await alice.get(`/orders/${body.id}`)).body.status, 'open');
  },
);

test.serial(
  'while nothing is matched, orders are accepted as pending, and their cancels are answered 503',
  async (t) => {
    await exchange.kill('matcher');
    const { status, body } = await alice.post('/orders', order);
    t.deepEqual([status, body.status], [200, 'pending']);
    t.is((await alice.delete(`/orders/${body.id}`)).status, 503);
    t.deepEqual(
      (await alice.post('/orders/batch', [order, order])).body.map((o: { status: string }) => o.status),
      ['pending', 'pending'],
    );
    t.deepEqual(unavailable(await exchange.operator.post('/withdrawals', withdrawal)), [
      503,
      '1',
      'This was taken and is not done yet; send it again with the same transfer_id',
    ]);
  },
);

test.serial('too many waiting orders are refused with 503 and change nothing', async (t) => {
  const before = await exchange.redis.hget(`{${exchange.shard}}:state`, 'sequence');
  const answer = await alice.post('/orders/batch', new Array(1_000).fill(order));
  t.deepEqual(unavailable(answer), [503, '1', 'Too many orders wait; nothing was taken, send it again']);
  t.is(await exchange.redis.hget(`{${exchange.shard}}:state`, 'sequence'), before);
});

test.serial('once the matcher is back, all that was accepted is matched', async (t) => {
  await exchange.start('matcher');
  const { body } = await alice.get('/orders');
  t.is(body.length, 3, 'three orders wait, one was canceled');
  t.is((await exchange.operator.post('/withdrawals', withdrawal)).status, 200);
  t.is((await exchange.operator.get('/accounts/2-USD')).body.balance, '0.00');
  await exchange.operator.get('/accounts/1-USD'); // waits until everything is written
  const { status, body: ready } = await exchange.anonymous.get('/health/ready');
  t.deepEqual([status, ready], [200, { status: 'ready', unpersisted_since: null }]);
});
