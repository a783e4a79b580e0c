import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Answer, Client } from '../../support/http.ts';

let exchange: Exchange;
let operator: Client;
test.before(async () => {
  exchange = await startExchange();
  operator = exchange.operator;
});
test.after.always(() => exchange?.stop());

let made = 0;
/** Money of a trader and under an id that no other test has. */
const movement = (changes: Record<string, unknown> = {}) => ({
  ...{ trader_id: ++made, currency: 'USD', amount: '10.00', transfer_id: `t-${made}` },
  ...changes,
});
const between = (changes: Record<string, unknown> = {}) => ({
  ...{ from_trader_id: ++made, to_trader_id: ++made, currency: 'USD', amount: '10.00' },
  ...{ transfer_id: `t-${made}` },
  ...changes,
});
const refused = ({ status, body }: Answer): [number, string] => [status, body.message];
const noFunds: [number, string] = [400, 'Insufficient funds'];
async function balanceOf(traderId: number, currency = 'USD'): Promise<string> {
  return (await operator.get(`/accounts/${traderId}-${currency}`)).body.balance;
}

test('a deposit, a withdrawal and a transfer are answered as done', async (t) => {
  const { trader_id: traderId, transfer_id, ...money } = movement({ amount: 12.5 });
  const deposit = await operator.post('/deposits', { trader_id: traderId, transfer_id, ...money });
  t.is(deposit.status, 200);
  const { created_at, completed_at, processed_at, ...rest } = deposit.body;
  t.true(Math.abs(Date.parse(created_at) - Date.now()) < 5_000);
  t.deepEqual([completed_at, processed_at], [created_at, created_at]);
  t.deepEqual(rest, {
    ...{ id: transfer_id, type: 'deposit', canceled_at: null, amount: '12.50', currency: 'USD' },
    ...{ account_id: `${traderId}-USD`, user_id: String(traderId), user_nonce: null },
    details: { from: '0', to: String(traderId), profile_transfer_id: transfer_id, fee: '0.00' },
  });
  const out = movement({ trader_id: String(traderId), amount: '2.5' });
  const withdrawal = await operator.post('/withdrawals', out);
  t.like(withdrawal.body, { id: out.transfer_id, type: 'withdraw', amount: '2.50' });
  t.like(withdrawal.body.details, { from: String(traderId), to: '0' });
  const to = between({ from_trader_id: traderId, amount: '0.01' });
  const transfer = await operator.post('/transfers', to);
  t.like(transfer.body, { type: 'internal_withdraw', amount: '0.01', account_id: `${traderId}-USD` });
  t.like(transfer.body.details, { from: String(traderId), to: String(to.to_trader_id) });
  t.is(await balanceOf(traderId), '9.99');
  t.is(await balanceOf(to.to_trader_id), '0.01');
});

const id64 = 'must be 1 to 64 letters, digits, - and _';
const decimals = 'must be a decimal, as text or number';
const badMoney: [what: string, changes: Record<string, unknown>, message: string][] = [
  ['no currency', { currency: undefined }, 'Invalid currency: required'],
  ['a number as currency', { currency: 5 }, 'Invalid currency: must be text'],
  ...['XYZ', 'PIKACHU', 'usd', '__proto__', ''].map((currency): [string, { currency: string }, string] => [
    `the currency ${JSON.stringify(currency)}`,
    { currency },
    'Invalid currency: must be one that a funded product trades or pays with',
  ]),
  ['no amount', { amount: undefined }, 'Invalid amount: required'],
  ['a true amount', { amount: true }, `Invalid amount: ${decimals}`],
  ['a list as amount', { amount: ['1'] }, `Invalid amount: ${decimals}`],
  ...['', 'NaN', '1e2', '0x1', '+1', '1,5', '.5', '1.', ' 1', '٣'].map(
    (amount): [string, { amount: string }, string] => [
      `the amount ${JSON.stringify(amount)}`,
      { amount },
      'Invalid amount: must be a plain decimal number',
    ],
  ),
  ['amount 0', { amount: '0.00' }, 'amount is too small: must be at least 0.01'],
  ['a negative amount', { amount: -1 }, 'amount is too small: must be at least 0.01'],
  ['a part of a cent', { amount: '1.005' }, 'amount is too accurate: must be a multiple of 0.01'],
  [
    'a part of what is whole',
    { currency: 'VIBRANIUM', amount: '1.5' },
    'amount is too accurate: must be a multiple of 1',
  ],
  ['2^53 cents', { amount: '90071992547409.92' }, 'amount is too large: must be at most 90071992547409.91'],
  ['no transfer_id', { transfer_id: undefined }, 'Invalid transfer_id: required'],
  ['a number as transfer_id', { transfer_id: 5 }, 'Invalid transfer_id: must be text'],
  ['an empty transfer_id', { transfer_id: '' }, `Invalid transfer_id: ${id64}`],
  ['a transfer_id with a space', { transfer_id: 'a b' }, `Invalid transfer_id: ${id64}`],
  ['a long transfer_id', { transfer_id: 'a'.repeat(65) }, `Invalid transfer_id: ${id64}`],
  ['an unknown shard', { shard: 'nowhere' }, 'Invalid shard: USD is in '],
  ['a number as shard', { shard: 1 }, 'Invalid shard: must be text'],
];
const badTraders: [what: string, changes: Record<string, unknown>, message: string][] = [
  ['no trader_id', { trader_id: undefined }, 'Invalid trader_id: required'],
  ['trader 0, the system', { trader_id: 0 }, 'Invalid trader_id: must be the number of a trader'],
  ['an unknown trader', { trader_id: 20_000 }, 'Invalid trader_id: there is no trader 20000'],
];
const badPairs: [what: string, changes: Record<string, unknown>, message: string][] = [
  ['no from_trader_id', { from_trader_id: undefined }, 'Invalid from_trader_id: required'],
  ['no to_trader_id', { to_trader_id: undefined }, 'Invalid to_trader_id: required'],
  ['an unknown payer', { from_trader_id: 20_000 }, 'Invalid from_trader_id: there is no trader 20000'],
  ['an unknown receiver', { to_trader_id: 20_000 }, 'Invalid to_trader_id: there is no trader 20000'],
  [
    'one trader',
    { from_trader_id: 7, to_trader_id: '7' },
    'Invalid to_trader_id: must be another trader than from_trader_id',
  ],
];
for (const path of ['/deposits', '/withdrawals', '/transfers']) {
  const usual = path === '/transfers' ? between : movement;
  for (const [what, changes, message] of [...badMoney, ...(path === '/transfers' ? badPairs : badTraders)])
    test(`POST ${path} with ${what} is refused`, async (t) => {
      const answer = await operator.post(path, usual(changes));
      const expected = message.endsWith(' ') ? message + exchange.shard : message;
      t.deepEqual([answer.status, answer.body], [400, { message: expected }]);
    });

  test(`POST ${path} is for operators, and takes an object in which no number is rounded`, async (t) => {
    const trader = await exchange.trader(1);
    t.deepEqual(refused(await trader.post(path, usual())), [403, "An operator's token is required"]);
    t.deepEqual(refused(await operator.post(path, [])), [400, 'Invalid body: must be a JSON object']);
    const text = JSON.stringify(usual()).replace('"10.00"', '1.00000000000000000001');
    t.regex((await operator.send('POST', path, text)).body.message, /^Invalid amount: as a number it is not/);
  });
}

test('a transfer_id moves money once, and repeats have the first answer', async (t) => {
  const deposit = movement();
  const first = await operator.post('/deposits', deposit);
  t.deepEqual((await operator.post('/deposits', { ...deposit, amount: 10 })).body, first.body);
  await operator.get(`/accounts?trader_id=${deposit.trader_id}`);
  await exchange.redis.del(`{${exchange.shard}}:transfer:${deposit.transfer_id}`);
  const late = await operator.post('/deposits', deposit);
  t.deepEqual([late.status, late.body], [200, first.body], 'PostgreSQL remembers what Redis has forgotten');
  const taken: [number, string] = [400, 'Duplicate transfer_id'];
  for (const other of [{ amount: '10.01' }, { currency: 'VIBRANIUM' }, { trader_id: 9_999 }])
    t.deepEqual(refused(await operator.post('/deposits', { ...deposit, ...other })), taken);
  t.deepEqual(refused(await operator.post('/withdrawals', deposit)), taken);
  const { transfer_id } = deposit;
  t.deepEqual(refused(await operator.post('/transfers', between({ transfer_id }))), taken);
  t.is(await balanceOf(deposit.trader_id), '10.00');
});

test('many repeats at once move money once', async (t) => {
  const deposit = movement();
  const answers = await Promise.all(Array.from({ length: 50 }, () => operator.post('/deposits', deposit)));
  for (const { status, body } of answers) t.deepEqual([status, body], [200, answers[0]!.body]);
  t.is(await balanceOf(deposit.trader_id), '10.00');
});

test('many requests at once with one transfer_id and different amounts: one is done', async (t) => {
  const deposit = movement();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => operator.post('/deposits', { ...deposit, amount: i + 1 })),
  );
  const done = answers.filter(({ status }) => status === 200);
  t.is(done.length, 1);
  t.is(answers.filter(({ body }) => body.message === 'Duplicate transfer_id').length, 19);
  t.is(await balanceOf(deposit.trader_id), done[0]!.body.amount);
});

test('what was refused for lack of funds stays refused under its id', async (t) => {
  const withdrawal = movement();
  t.deepEqual(refused(await operator.post('/withdrawals', withdrawal)), noFunds);
  await exchange.deposit(withdrawal.trader_id, 'USD', '50');
  t.deepEqual(refused(await operator.post('/withdrawals', withdrawal)), noFunds);
  t.is(await balanceOf(withdrawal.trader_id), '50.00');
  const again = { ...withdrawal, transfer_id: `${withdrawal.transfer_id}-again` };
  t.is((await operator.post('/withdrawals', again)).status, 200);
  const to = between({ amount: '40.01', from_trader_id: withdrawal.trader_id });
  t.deepEqual(refused(await operator.post('/transfers', to)), noFunds);
  t.is(await balanceOf(withdrawal.trader_id), '40.00');
});

test('two hundred withdraw the last coin at once: exactly one succeeds', async (t) => {
  const { trader_id: traderId } = movement();
  await exchange.deposit(traderId, 'VIBRANIUM', '1');
  const answers = await Promise.all(
    Array.from({ length: 200 }, () =>
      operator.post('/withdrawals', movement({ trader_id: traderId, currency: 'VIBRANIUM', amount: '1' })),
    ),
  );
  t.is(answers.filter(({ status }) => status === 200).length, 1);
  const others = answers.filter(({ status }) => status !== 200);
  for (const answer of others) t.deepEqual([answer.status, answer.body], [400, { message: noFunds[1] }]);
  t.is(others.length, 199);
  t.is(await balanceOf(traderId, 'VIBRANIUM'), '0');
});

test('money that rests in an order cannot be withdrawn', async (t) => {
  const { trader_id: traderId } = movement();
  await exchange.deposit(traderId, 'USD', '10');
  const order = { product_id: 'VIBRANIUM-USD', side: 'buy', price: '0.01', size: '900', trader_id: traderId };
  const { body } = await operator.post('/orders', order);
  const all = () => operator.post('/withdrawals', movement({ trader_id: traderId, amount: '1.01' }));
  t.deepEqual(refused(await all()), noFunds);
  await operator.delete(`/orders/${body.id}?trader_id=${traderId}`);
  t.is((await all()).status, 200);
});

test('transfers are listed newest first, as the trader sees them, in pages and by type', async (t) => {
  const [a, b] = [++made, ++made];
  await exchange.deposit(a, 'VIBRANIUM', '3');
  const send = (path: string, body: object) => operator.post(path, { currency: 'USD', amount: '1', ...body });
  await send('/deposits', { trader_id: a, transfer_id: `l1-${a}` });
  await send('/transfers', { from_trader_id: a, to_trader_id: b, transfer_id: `l2-${a}`, amount: '0.30' });
  await send('/withdrawals', { trader_id: a, transfer_id: `l3-${a}`, amount: '0.20' });
  await send('/transfers', { from_trader_id: a, to_trader_id: b, transfer_id: `l4-${a}`, amount: '5' });
  const trader = await exchange.trader(a);
  const listed = async (client: Client, path: string): Promise<string[]> =>
    (await client.get(path)).body.map(
      (one: Record<string, string>) =>
        `${one.id} ${one.type} ${one.amount} ${one.account_id} ${one.canceled_at ? 'canceled' : 'done'}`,
    );
  const [l1, l2, l3, l4] = [
    `l1-${a} deposit 1.00 ${a}-USD done`,
    `l2-${a} internal_withdraw 0.30 ${a}-USD done`,
    `l3-${a} withdraw 0.20 ${a}-USD done`,
    `l4-${a} internal_withdraw 5.00 ${a}-USD canceled`,
  ];
  const all = await trader.get('/transfers');
  t.is(all.body.length, 5);
  t.like(all.body[4], { currency: 'VIBRANIUM', amount: '3', type: 'deposit' });
  const at = `/accounts/${a}-USD/transfers`;
  t.deepEqual(await listed(trader, at), [l4, l3, l2, l1]);
  t.deepEqual(await listed(trader, `${at}?type=deposit`), [l1]);
  t.deepEqual(await listed(trader, `${at}?type=withdraw`), [l3]);
  t.deepEqual(await listed(trader, `${at}?type=internal_withdraw`), [l4, l2]);
  t.deepEqual(await listed(trader, `${at}?type=internal_deposit`), []);
  const received = `l2-${a} internal_deposit 0.30 ${b}-USD done`;
  t.deepEqual(await listed(operator, `/transfers?trader_id=${b}`), [received]);
  t.deepEqual(await listed(operator, `/transfers?trader_id=${b}&type=internal_deposit`), [received]);
  t.deepEqual(await listed(operator, `/transfers?trader_id=${b}&type=deposit`), []);
  const page = await trader.get(`${at}?limit=2`);
  t.is(page.body.length, 2);
  t.deepEqual(await listed(trader, `${at}?after=${page.headers.get('cb-after')}`), [l2, l1]);
  t.deepEqual(await listed(trader, `${at}?before=${page.headers.get('cb-after')}`), [l4]);
  const types = 'deposit, withdraw, internal_deposit, internal_withdraw';
  t.deepEqual(refused(await trader.get('/transfers?type=x')), [400, `Invalid type: must be ${types}`]);
  t.deepEqual(refused(await operator.get('/transfers')), [
    400,
    "Invalid trader_id: required with an operator's token",
  ]);
});
