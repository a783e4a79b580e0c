import test from 'ava';
import { Client as Postgres } from 'pg';
import { issueToken } from '../../../sql/tokens.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { createClient } from '../../support/http.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

test.serial(
  'what operators do is noted, done or refused, without secrets, for auditors to read',
  async (t) => {
    const { operator } = exchange;
    const money = { trader_id: 1, currency: 'USD', amount: '5.00', transfer_id: 'noted' };
    const { headers } = await operator.post('/deposits', money);
    t.is((await operator.post('/deposits', { ...money, currency: 'NONE' })).status, 400);
    const key = (await operator.post('/api-keys', { trader_id: 2, permissions: ['view'], label: 'for two' }))
      .body;
    const auditor = createClient(exchange.baseUrl, await issueToken(exchange.databaseUrl, 'auditor'));
    const { body } = await auditor.get('/operations');
    t.like(body[2], { method: 'POST', path: '/deposits', status: 200, body: money, address: '127.0.0.1' });
    t.is(body[2].request_id, headers.get('x-request-id'));
    t.like(body[1], { path: '/deposits', status: 400, answer: { message: body[1].answer.message } });
    t.like(body[0], {
      path: '/api-keys',
      body: { label: 'for two' },
      answer: { secret: '…', passphrase: '…' },
    });
    t.false(JSON.stringify(body).includes(key.secret) || JSON.stringify(body).includes(key.passphrase));
    t.is((await auditor.get(`/operations?after=${body[0].id}&limit=1`)).body[0].id, body[1].id);
    await operator.post('/traders', { name: 'new-auditor', password: 'a long password', role: 'auditor' });
    const [made] = (await auditor.get('/operations')).body;
    t.like(made, { path: '/traders', body: { name: 'new-auditor', role: 'auditor', password: '…' } });
    const trader = await exchange.trader(1);
    t.is((await trader.get('/operations')).status, 403);
    await trader.post('/api-keys', { permissions: ['view'] });
    t.is((await auditor.get('/operations')).body.length, 4, 'what traders do is theirs');
  },
);

test.serial('an operator cancels all orders of a trader, and that is noted', async (t) => {
  const { operator } = exchange;
  const trader = await exchange.trader(5);
  const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };
  const placed = [
    (await trader.post('/orders', order)).body.id,
    (await trader.post('/orders', order)).body.id,
  ];
  const canceled = await operator.delete('/orders?trader_id=5');
  t.deepEqual(canceled.body, placed);
  const [noted] = (await operator.get('/operations')).body;
  t.like(noted, { method: 'DELETE', path: '/orders?trader_id=5', status: 200, answer: placed });
  await trader.delete('/orders');
  t.is((await operator.get('/operations')).body[0].id, noted.id, 'what traders do is theirs');
});

test.serial('nothing that was noted can be changed or removed', async (t) => {
  const client = new Postgres(exchange.databaseUrl);
  await client.connect();
  t.teardown(() => client.end());
  for (const statement of [
    "update operations set path = '/nothing'",
    'delete from operations',
    'truncate operations',
  ])
    await t.throwsAsync(
      client.query(statement),
      { message: 'what operators did cannot be changed' },
      statement,
    );
});

test.serial(
  'a frozen trader cancels, and places nothing on any product, until it is let in again',
  async (t) => {
    const { operator } = exchange;
    const trader = await exchange.trader(6);
    const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };
    const { id } = (await trader.post('/orders', order)).body;
    const frozen = (await operator.put('/traders/6', { frozen: true })).body;
    t.like(frozen, { trader_id: '6', frozen: true });
    const refused = { message: 'The trader is frozen: it may cancel orders, and place and amend none' };
    for (const product_id of ['PIKACHU-USD', 'VIBRANIUM-USD'])
      t.like(await trader.post('/orders', { ...order, product_id }), { status: 400, body: refused });
    t.like(await operator.post('/orders', { ...order, trader_id: 6 }), { status: 400, body: refused });
    t.like(await trader.put(`/orders/${id}`, { price: '2.00' }), { status: 400, body: refused });
    t.is((await trader.delete(`/orders/${id}`)).status, 200);
    t.deepEqual((await operator.put('/traders/6', { frozen: true })).body, frozen, 'since when it was');
    t.deepEqual((await operator.get('/traders?frozen=true')).body, [frozen]);
    const thawed = (await operator.put('/traders/6', { frozen: false })).body;
    t.is((await trader.post('/orders', order)).status, 200);
    const [noted, , before] = (await operator.get('/operations')).body;
    t.like(noted, { path: '/traders/6', body: { frozen: false }, before: frozen, answer: thawed });
    t.like(before, { body: { frozen: true }, before: thawed, answer: frozen });
  },
);

test.serial('staff list traders, the newest first, and look one up', async (t) => {
  const { operator, anonymous } = exchange;
  const auditor = createClient(exchange.baseUrl, await issueToken(exchange.databaseUrl, 'auditor'));
  const person = { name: 'newest', password: 'a long password' };
  const { trader_id } = (await anonymous.post('/traders', person)).body;
  const page = await auditor.get('/traders?limit=2');
  t.like(page.body[0], { trader_id, name: 'newest', frozen: false, frozen_at: null });
  const next = await auditor.get(`/traders?limit=1&after=${page.headers.get('cb-after')}`);
  t.is(Number(next.body[0].trader_id), Number(page.body[1].trader_id) - 1);
  t.deepEqual((await auditor.get(`/traders/${trader_id}`)).body, page.body[0]);
  for (const id of ['0', '99999999', '99999999999', 'x'])
    t.is((await operator.get(`/traders/${id}`)).status, 404, id);
  t.is((await operator.put('/traders/99999999', { frozen: true })).status, 404);
  t.is((await operator.put('/traders/7', {})).status, 400);
  t.is((await operator.get('/traders?frozen=maybe')).status, 400);
  t.is((await auditor.put('/traders/7', { frozen: true })).status, 403);
});

test.serial('what an operator changes of a product is noted as it was before', async (t) => {
  const { operator } = exchange;
  const before = (await operator.get('/products/PIKACHU-USD')).body;
  await operator.put('/products/PIKACHU-USD', { max_price: '11.00' });
  const [noted] = (await operator.get('/operations')).body;
  t.like(noted, { before, answer: { ...before, max_price: '11.00' } });
});
