import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Answer, Client } from '../../support/http.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
let operator: Client;
test.before(async () => {
  exchange = await startExchange();
  operator = exchange.operator;
});
test.after.always(() => exchange?.stop());

let traders = 0;
const newTrader = (): number => ++traders;
const refused = ({ status, body }: Answer): [number, string] => [status, body.message];
const limit = (product_id: string, side: string, price: string, size: string, more = {}) => ({
  ...{ product_id, side, price, size },
  ...more,
});

/** Balance, available and hold. */
async function account(id: string): Promise<string[]> {
  const { body } = await operator.get(`/accounts/${id}`);
  return [body.balance, body.available, body.hold];
}

/** Every entry of an account, oldest first, after proof that each balance is the one before it plus the amount. */
async function ledger(t: import('ava').ExecutionContext, id: string) {
  const entries = (await operator.get(`/accounts/${id}/ledger?limit=1000`)).body.reverse();
  let balance = 0;
  let last = 0;
  for (const entry of entries) {
    balance += Math.round(Number(entry.amount) * 100);
    t.is(Math.round(Number(entry.balance) * 100), balance);
    t.true(Number(entry.id) > last);
    last = Number(entry.id);
  }
  t.is(entries.at(-1)?.balance, (await account(id))[0]);
  return entries;
}

test('a trader has an account in every currency of funded products, used or not', async (t) => {
  const traderId = newTrader();
  const product = await exchange.addProduct({ funded: true, base_increment: '0.1', quote_increment: '0.1' });
  const base = product.split('-')[0]!;
  const trader = await exchange.trader(traderId);
  await exchange.deposit(traderId, base, '2.5');
  const { body } = await trader.get('/accounts');
  const accounts = new Map(body.map((one: { currency: string }) => [one.currency, one]));
  t.deepEqual(accounts.get(base), {
    ...{ id: `${traderId}-${base}`, currency: base, balance: '2.5', available: '2.5', hold: '0.0' },
    ...{ profile_id: String(traderId), trading_enabled: true },
  });
  t.like(accounts.get('USD'), { id: `${traderId}-USD`, balance: '0.00', available: '0.00', hold: '0.00' });
  t.like(accounts.get('VIBRANIUM'), { balance: '0' });
  t.false(accounts.has('PIKACHU'));
  t.deepEqual((await trader.get(`/accounts/${traderId}-${base}`)).body, accounts.get(base));
  const shown = (await operator.get(`/accounts?trader_id=${traderId}`)).body;
  for (const one of body)
    t.deepEqual(
      shown.find(({ id }: { id: string }) => id === one.id),
      one,
    );
});

test('accounts of others, and what is no account, are not there', async (t) => {
  const [traderId, other] = [newTrader(), newTrader()];
  const trader = await exchange.trader(traderId);
  for (const id of [
    `${other}-USD`,
    `${traderId}-PIKACHU`,
    `${traderId}-NO`,
    '0-USD',
    'USD',
    `0${traderId}-USD`,
  ])
    for (const part of ['', '/ledger', '/holds', '/transfers'])
      t.deepEqual(refused(await trader.get(`/accounts/${id}${part}`)), [404, 'NotFound'], id + part);
  t.is((await operator.get(`/accounts/${other}-USD`)).status, 200);
  t.is((await operator.get(`/accounts/${other}-USD?trader_id=${traderId}`)).status, 404);
  for (const none of ['20000-USD', '9999999999-USD', '0-USD'])
    t.deepEqual(refused(await operator.get(`/accounts/${none}`)), [404, 'NotFound']);
  const unnamed: [number, string] = [400, "Invalid trader_id: required with an operator's token"];
  for (const path of ['/accounts', '/positions', '/profiles']) {
    t.deepEqual(refused(await operator.get(path)), unnamed);
    t.deepEqual(refused(await operator.get(`${path}?trader_id=20000`)), [
      400,
      'Invalid trader_id: there is no trader 20000',
    ]);
  }
  const bad: [query: string, message: string][] = [
    ['ledger?limit=x', 'Invalid limit: must be a whole number'],
    ['ledger?start_date=x', 'Invalid start_date: must be an ISO 8601 date'],
    ['holds?after=-1', 'Invalid after: must be a whole number or what CB-BEFORE or CB-AFTER said'],
    ['transfers?type=match', 'Invalid type: must be deposit, withdraw, internal_deposit, internal_withdraw'],
  ];
  for (const [query, message] of bad)
    t.deepEqual(refused(await trader.get(`/accounts/${traderId}-USD/${query}`)), [400, message]);
});

test('an order holds what it may cost, and gives back what it does not need', async (t) => {
  const product = await exchange.addProduct({ funded: true });
  const [buyer, seller] = [newTrader(), newTrader()];
  const base = product.split('-')[0]!;
  await exchange.deposit(buyer, 'USD', '100');
  await exchange.deposit(seller, base, '10');
  const as = (traderId: number) => async (order: object) =>
    (await operator.post('/orders', { ...order, trader_id: traderId })).body;
  const [buy, sell] = [as(buyer), as(seller)];
  const usd = `${buyer}-USD`;

  const first = await buy(limit(product, 'buy', '2.00', '5'));
  const second = await buy(limit(product, 'buy', '1.00', '7'));
  t.deepEqual(await account(usd), ['100.00', '83.00', '17.00']);
  const holds = await operator.get(`/accounts/${usd}/holds`);
  t.deepEqual(holds.body[1], {
    ...{ id: first.id, created_at: first.created_at, updated_at: first.created_at },
    ...{ amount: '10.00', type: 'order', ref: first.id },
  });
  t.like(holds.body[0], { id: second.id, amount: '7.00' });
  t.deepEqual([holds.headers.get('cb-before'), holds.headers.get('cb-after')], [second.id, first.id]);
  t.is((await operator.get(`/accounts/${usd}/holds?after=${second.id}`)).body[0].id, first.id);
  t.is((await operator.get(`/accounts/${usd}/holds?limit=1&before=${first.id}`)).body[0].id, second.id);

  await sell(limit(product, 'sell', '1.50', '2'));
  // For what others did a read waits a moment only.
  await until(async () => (await account(usd))[0] !== '100.00');
  t.deepEqual(await account(usd), ['96.00', '83.00', '13.00'], 'two are bought');
  t.deepEqual(await account(`${buyer}-${base}`), ['2', '2', '0']);
  t.is((await operator.get(`/accounts/${usd}/holds`)).body[1].amount, '6.00');
  await operator.put(`/orders/${first.id}?trader_id=${buyer}`, { size: '3' });
  t.deepEqual(await account(usd), ['96.00', '87.00', '9.00'], 'one is still to be bought');
  await operator.delete(`/orders?trader_id=${buyer}`);
  t.deepEqual(await account(usd), ['96.00', '96.00', '0.00']);
  t.deepEqual((await operator.get(`/accounts/${usd}/holds`)).body, []);

  const resting = await sell(limit(product, 'sell', '3.00', '5'));
  t.deepEqual(await account(`${seller}-${base}`), ['8', '3', '5']);
  t.like((await operator.get(`/accounts/${seller}-${base}/holds`)).body[0], { id: resting.id, amount: '5' });
  t.deepEqual((await operator.get(`/accounts/${seller}-USD/holds`)).body, []);
  await buy(limit(product, 'buy', '4.00', '1'));
  t.deepEqual(await account(usd), ['93.00', '93.00', '0.00'], 'the better price is given back');
});

test('a stop order that waits is among the holds', async (t) => {
  const product = await exchange.addProduct({ funded: true });
  const trader = newTrader();
  const base = product.split('-')[0]!;
  await exchange.deposit(trader, 'USD', '100');
  await exchange.deposit(trader, base, '10');
  const place = async (order: object): Promise<string> => {
    const { status, body } = await operator.post('/orders', {
      ...{ product_id: product, trader_id: trader, stop_price: '5.00' },
      ...order,
    });
    t.is(status, 200, JSON.stringify(body));
    return body.id;
  };
  const holdsOf = async (currency: string) =>
    (await operator.get(`/accounts/${trader}-${currency}/holds`)).body.map(
      (hold: { ref: string; amount: string }) => [hold.ref, hold.amount],
    );

  const limited = await place({ side: 'buy', price: '2.00', size: '5' });
  const rests = await place({ side: 'buy', price: '1.00', size: '1', stop_price: undefined });
  const byFunds = await place({ side: 'buy', type: 'market', funds: '7.00' });
  const sold = await place({ side: 'sell', type: 'market', size: '4' });
  t.deepEqual(await holdsOf('USD'), [
    [byFunds, '7.00'],
    [rests, '1.00'],
    [limited, '10.00'],
  ]);
  t.deepEqual(await account(`${trader}-USD`), ['100.00', '82.00', '18.00']);
  t.deepEqual(await holdsOf(base), [[sold, '4']]);
});

test('an order that costs more than is available is refused, and changes nothing', async (t) => {
  const product = await exchange.addProduct({ funded: true });
  const traderId = newTrader();
  const trader = await exchange.trader(traderId);
  await exchange.deposit(traderId, 'USD', '10');
  const noFunds: [number, string] = [400, 'Insufficient funds'];
  const resting = await trader.post('/orders', limit(product, 'buy', '2.00', '3'));
  const order = limit(product, 'buy', '1.00', '5', { client_oid: `dear-${traderId}` });
  t.deepEqual(refused(await trader.post('/orders', order)), noFunds);
  t.deepEqual(refused(await trader.post('/orders', order)), noFunds, 'and again');
  t.deepEqual(refused(await trader.post('/orders', limit(product, 'sell', '1.00', '1'))), noFunds);
  const market = { product_id: product, side: 'buy', type: 'market', funds: '4.01' };
  t.deepEqual(refused(await trader.post('/orders', market)), noFunds);
  t.deepEqual(refused(await trader.put(`/orders/${resting.body.id}`, { price: '5.00' })), noFunds);
  const batch = await trader.post('/orders/batch', [
    limit(product, 'buy', '1', '4'),
    order,
    limit(product, 'buy', '1', '1'),
  ]);
  t.like(batch.body[0], { status: 'open' });
  t.deepEqual(batch.body.slice(1), [{ message: 'Insufficient funds' }, { message: 'Insufficient funds' }]);
  t.deepEqual(await account(`${traderId}-USD`), ['10.00', '0.00', '10.00']);
  t.like((await trader.get(`/orders/client:dear-${traderId}`)).body, {
    ...{ status: 'rejected', reject_reason: 'insufficient funds', filled_size: '0' },
  });
});

test('the ledger has every movement in order, with the balance after it', async (t) => {
  const product = await exchange.addProduct({ funded: true });
  const base = product.split('-')[0]!;
  const [a, b] = [newTrader(), newTrader()];
  await exchange.deposit(a, 'USD', '100');
  await exchange.deposit(b, base, '50');
  const orders: string[] = [];
  for (const [traderId, side, price, size] of [
    [b, 'sell', '1.00', '10'],
    [b, 'sell', '1.10', '10'],
    [a, 'buy', '1.20', '15'],
    [a, 'sell', '0.90', '4'],
    [b, 'buy', '0.95', '3'],
  ] as const)
    orders.push(
      (await operator.post('/orders', limit(product, side, price, size, { trader_id: traderId }))).body.id,
    );
  const to = { from_trader_id: a, to_trader_id: b, currency: 'USD', amount: '20.00', transfer_id: `to-${b}` };
  await operator.post('/transfers', to);
  await operator.post('/withdrawals', {
    trader_id: a,
    currency: 'USD',
    amount: '1',
    transfer_id: `out-${a}`,
  });

  const entries = await ledger(t, `${a}-USD`);
  t.deepEqual(
    entries.map((one: Record<string, string>) => `${one.type} ${one.amount} ${one.balance}`),
    [
      ...['transfer 100.00 100.00', 'match -10.00 90.00', 'match -5.50 84.50', 'match 2.70 87.20'],
      ...['transfer -20.00 67.20', 'transfer -1.00 66.20'],
    ],
  );
  t.deepEqual(entries[1].details, { order_id: orders[2], product_id: product, trade_id: 1 });
  t.deepEqual(entries[3].details, { order_id: orders[3], product_id: product, trade_id: 3 });
  const details = entries.map(
    (one: { details: Record<string, string> }) => `${one.details.from} ${one.details.to}`,
  );
  t.deepEqual([details[0], details[4], details[5]], [`0 ${a}`, `${a} ${b}`, `${a} 0`]);
  t.is(entries[4].details.profile_transfer_id, `to-${b}`);
  t.is((await ledger(t, `${b}-USD`)).at(-1).details.from, String(a));
  t.deepEqual(
    (await ledger(t, `${a}-${base}`)).map((one: { amount: string }) => one.amount),
    ['10', '5', '-3'],
  );
  await ledger(t, `${b}-${base}`);
  t.deepEqual(await account(`${b}-${base}`), ['38', '33', '5']);
});

test('the ledger comes newest first, in pages, and by date', async (t) => {
  const traderId = newTrader();
  for (let i = 1; i <= 5; i++) await exchange.deposit(traderId, 'USD', String(i));
  const at = `/accounts/${traderId}-USD/ledger`;
  const amounts = ({ body }: Answer): number[] =>
    body.map(({ amount }: { amount: string }) => Number(amount));
  const page = await operator.get(`${at}?limit=2`);
  t.deepEqual(amounts(page), [5, 4]);
  const [before, after] = [page.headers.get('cb-before'), page.headers.get('cb-after')];
  t.deepEqual([before, after], [page.body[0].id, page.body[1].id]);
  t.deepEqual(amounts(await operator.get(`${at}?limit=2&after=${after}`)), [3, 2]);
  t.deepEqual(amounts(await operator.get(`${at}?before=${after}`)), [5]);
  const { body } = await operator.get(at);
  t.is(amounts(await operator.get(`${at}?start_date=${body[0].created_at}`))[0], 5);
  t.deepEqual(amounts(await operator.get(`${at}?end_date=2020-01-01`)), []);
  t.deepEqual(
    amounts(await operator.get(`${at}?start_date=2020-01-01&end_date=2100-01-01`)),
    [5, 4, 3, 2, 1],
  );
});

test('a hundred trades at once leave balances that are available plus hold, and what the ledger says', async (t) => {
  const product = await exchange.addProduct({ funded: true });
  const base = product.split('-')[0]!;
  const own = Array.from({ length: 5 }, newTrader);
  for (const traderId of own) {
    await exchange.deposit(traderId, 'USD', '50');
    await exchange.deposit(traderId, base, '50');
  }
  const orders = Array.from({ length: 200 }, (_, i) =>
    limit(product, i % 2 === 0 ? 'buy' : 'sell', `1.0${i % 7}`, String(1 + (i % 4)), {
      trader_id: own[i % 5],
    }),
  );
  await Promise.all(orders.map((order) => operator.post('/orders', order)));
  // Makers read what others' orders did to theirs as soon as trades are shown at all.
  await exchange.anonymous.get(`/products/${product}/trades`);
  const cents = (text: string): number => Math.round(Number(text) * 100);
  for (const [currency, total] of [
    ['USD', 250],
    [base, 250],
  ] as const) {
    let sum = 0;
    for (const traderId of own) {
      const id = `${traderId}-${currency}`;
      await ledger(t, id);
      const [balance, available, hold] = (await account(id)) as [string, string, string];
      t.is(cents(balance), cents(available) + cents(hold));
      t.true(cents(available) >= 0);
      const { body } = await operator.get(`/accounts/${id}/holds?limit=1000`);
      t.is(
        body.reduce((all: number, one: { amount: string }) => all + cents(one.amount), 0),
        cents(hold),
      );
      sum += cents(balance);
    }
    t.is(sum, total * 100, 'nothing came or went');
  }
});
