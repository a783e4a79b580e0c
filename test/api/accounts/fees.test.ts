import test from 'ava';
import { audit } from '../../../scripts/ops/audit/audit.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { redisUrl } from '../../support/redis.ts';
import { openSocket } from '../../support/socket.ts';

let exchange: Exchange;
let alice: Client;
let bob: Client;
let product: string;
test.before(async () => {
  exchange = await startExchange();
  [alice, bob] = await Promise.all([exchange.trader(1), exchange.trader(2)]);
  product = await exchange.addProduct({ funded: true, maker_fee_rate: '0.0040', taker_fee_rate: '0.00625' });
  const base = product.split('-')[0]!;
  for (const traderId of [1, 2]) {
    await exchange.deposit(traderId, 'USD', '10000.00');
    await exchange.deposit(traderId, base, '1000');
  }
});
test.after.always(() => exchange?.stop());

const order = (side: string, size: string, more = {}) => ({
  ...{ product_id: product, side, size, price: '10.00' },
  ...more,
});

test.serial('a trade costs both sides, and every place that shows it says what', async (t) => {
  const feed = await openSocket(exchange.baseUrl, { token: await exchange.tokenOf(1) });
  t.teardown(() => feed.close());
  await feed.subscribe({ product_ids: [product], channels: ['user'] });
  const { body: bid } = await alice.post('/orders', order('buy', '5'));
  const holds = (await alice.get('/accounts/1-USD/holds')).body;
  t.like(holds[0], { ref: bid.id, amount: '50.20' });
  const { body: ask } = await bob.post('/orders', order('sell', '2'));
  t.like(ask, { status: 'done', fill_fees: '0.13', executed_value: '20.00' });
  t.like((await alice.get(`/orders/${bid.id}`)).body, { filled_size: '2', fill_fees: '0.08' });
  t.like((await alice.get(`/fills?order_id=${bid.id}`)).body[0], { liquidity: 'M', fee: '0.08' });
  t.like((await bob.get(`/fills?order_id=${ask.id}`)).body[0], { liquidity: 'T', fee: '0.13' });
  t.like((await alice.get('/accounts/1-USD')).body, { balance: '9979.92', hold: '30.12' });
  t.like((await bob.get('/accounts/2-USD')).body, { balance: '10019.87', hold: '0.00' });
  const [fee, match] = (await bob.get('/accounts/2-USD/ledger')).body;
  const details = { order_id: ask.id, product_id: product, trade_id: 1 };
  t.like(fee, { type: 'fee', amount: '-0.13', balance: '10019.87', details });
  t.like(match, { type: 'match', amount: '20.00', details });
  t.like(await feed.next((m) => m.type === 'match'), { maker_fee_rate: '0.0040', maker_order_id: bid.id });
  t.is((await alice.delete(`/orders/${bid.id}`)).status, 200);
});

test.serial(
  'rates are shown with a product and with the fees of a caller, and zero is the default',
  async (t) => {
    const { get } = exchange.anonymous;
    t.like((await get(`/products/${product}`)).body, { maker_fee_rate: '0.0040', taker_fee_rate: '0.00625' });
    t.like((await get('/products/PIKACHU-USD')).body, { maker_fee_rate: '0.0000', taker_fee_rate: '0.0000' });
    const feesOf = async (query: string) => (await alice.get(`/fees${query}`)).body;
    const none = { maker_fee_rate: '0.0000', taker_fee_rate: '0.0000', usd_volume: '0.00' };
    t.deepEqual(await feesOf('?product_id=PIKACHU-USD'), none);
    t.deepEqual(await feesOf(''), { ...none, maker_fee_rate: '0.0040', taker_fee_rate: '0.00625' });
  },
);

test.serial('a change of rates is for orders that come after it', async (t) => {
  const other = await exchange.addProduct({ funded: true });
  await exchange.deposit(2, other.split('-')[0]!, '10');
  const at = (side: string) => ({ ...order(side, '1'), product_id: other });
  const { body: bid } = await alice.post('/orders', at('buy'));
  const changed = await exchange.operator.put(`/products/${other}`, {
    maker_fee_rate: 0.01,
    taker_fee_rate: 0.02,
  });
  t.like(changed.body, { maker_fee_rate: '0.0100', taker_fee_rate: '0.0200' });
  t.like((await bob.post('/orders', at('sell'))).body, { fill_fees: '0.20' });
  t.like((await alice.get(`/orders/${bid.id}`)).body, { status: 'done', fill_fees: '0.00' });
});

test.serial('the funds of a market buy are shown net of the fee that they are for as well', async (t) => {
  await bob.post('/orders', order('sell', '9'));
  const body = { product_id: product, side: 'buy', type: 'market', funds: '20.13' };
  const { body: bought } = await alice.post('/orders', body);
  t.like(bought, { funds: '20.00', specified_funds: '20.13', filled_size: '2', fill_fees: '0.13' });
  t.like((await alice.get(`/orders/${bought.id}`)).body, { funds: '20.00', done_reason: 'filled' });
  const { body: less } = await alice.post('/orders', { ...body, funds: '20.12' });
  t.like(less, { filled_size: '1', fill_fees: '0.07' });
});

test.serial('fees gather in an account that staff look into and operators empty', async (t) => {
  const { operator } = exchange;
  t.is((await alice.get('/accounts/fees-USD')).status, 404);
  const { body: before } = await operator.get('/accounts/fees-USD');
  t.like(before, { id: 'fees-USD', profile_id: 'fees', hold: '0.00', trading_enabled: false });
  const money = { currency: 'USD', amount: '0.10' };
  const moved = { ...money, from_trader_id: 'fees', to_trader_id: 1, transfer_id: 'fees-1' };
  t.like((await operator.post('/transfers', moved)).body, { details: { from: 'fees', to: '1' } });
  const taken = { ...money, trader_id: 'fees', transfer_id: 'fees-2' };
  t.like((await operator.post('/withdrawals', taken)).body, { account_id: 'fees-USD', type: 'withdraw' });
  const { body: after } = await operator.get('/accounts/fees-USD');
  t.is(Math.round(100 * (before.balance - after.balance)), 20);
  const tooMuch = { ...taken, amount: '1000.00', transfer_id: 'fees-3' };
  t.is((await operator.post('/withdrawals', tooMuch)).body.message, 'Insufficient funds');
  t.is((await operator.post('/deposits', { ...taken, transfer_id: 'fees-4' })).status, 400);
  const [last] = (await operator.get('/accounts/fees-USD/ledger')).body;
  t.like(last, { type: 'transfer', amount: '-0.10', details: { from: 'fees', to: '0' } });
});

for (const [what, rates, message] of [
  ['above a tenth', { taker_fee_rate: '0.100001' }, /^Invalid taker_fee_rate: must be from 0 to 0.1/],
  [
    'finer than a part per million',
    { maker_fee_rate: '0.0000001' },
    /^Invalid maker_fee_rate: must be from 0/,
  ],
  ['below zero', { maker_fee_rate: '-0.0001' }, /^Invalid maker_fee_rate/],
] as const)
  test.serial(`a rate ${what} is refused`, async (t) => {
    const answer = await exchange.operator.put(`/products/${product}`, rates);
    t.is(answer.status, 400);
    t.regex(answer.body.message, message);
  });

test.serial('a product that touches no account can have no fees', async (t) => {
  const answer = await exchange.operator.put('/products/PIKACHU-USD', { maker_fee_rate: '0.0010' });
  t.is(answer.body.message, 'Invalid maker_fee_rate: a product that touches no account has no fees');
});

test.serial('what was charged adds up in PostgreSQL and in Redis', async (t) => {
  const { shard, databaseUrl } = exchange;
  const { checks } = await audit({ databaseUrl, redisUrl: redisUrl(), shard, progress: () => {} });
  for (const [name, { first }] of Object.entries(checks)) t.deepEqual(first, [], name);
});
