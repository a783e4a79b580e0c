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
