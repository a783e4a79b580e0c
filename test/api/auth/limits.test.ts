import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { type Answer, type Client, createClient } from '../../support/http.ts';
import { portOf } from '../../support/processes.ts';
import { signedClient } from '../../support/signed.ts';
import { openSocket } from '../../support/socket.ts';

let exchange: Exchange;

test.before(async () => {
  exchange = await startExchange({ env: { RATE_LIMITS: 'on', PRIVATE_RATE: '2/4', ORDERS_RATE: '1/51' } });
});
test.after.always(() => exchange?.stop());

function many(n: number, ask: (i: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: n }, (_, i) => ask(i)));
}
const passed = (answers: readonly Answer[]): number => answers.filter(({ status }) => status === 200).length;
const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };

test.serial(
  'a trader may ask so often, with all keys and tokens together, and is told what is left',
  async (t) => {
    const trader = await exchange.trader(1);
    const key = (await trader.post('/api-keys', { permissions: ['view'] })).body;
    const signed = signedClient(exchange.baseUrl, key);
    const first = await trader.get('/fees');
    t.is(first.headers.get('ratelimit-limit'), '2');
    t.true(Number(first.headers.get('ratelimit-remaining')) < 2);
    const answers = await many(60, (i) => (i % 2 ? trader.get('/fees') : signed('GET', '/fees')));
    const refused = answers.find(({ status }) => status === 429);
    t.truthy(refused);
    t.is(refused!.body.message, 'Private rate limit exceeded');
    t.true(Number(refused!.headers.get('retry-after')) >= 1);
    t.is(refused!.headers.get('ratelimit-remaining'), '0');
    await sleep(2_100);
    t.is((await trader.get('/fees')).status, 200);
  },
);

test.serial('an address may ask what is public so often; probes are never refused', async (t) => {
  const answers = await many(40, () => exchange.anonymous.get('/time'));
  t.true(passed(answers) < 40);
  const refused = answers.find(({ status }) => status === 429)!;
  t.is(refused.body.message, 'Public rate limit exceeded');
  const probes = await many(40, () => exchange.anonymous.get('/health/live'));
  t.is(passed(probes), 40);
  const guesses = await many(60, (i) => createClient(exchange.baseUrl, `guess-${i}`).get('/orders'));
  t.true(
    guesses.some(({ status }) => status === 429),
    'who shows nothing good is counted by its address',
  );
});

test.serial('the orders of a batch count one by one', async (t) => {
  const trader = await exchange.trader(2);
  const batch = (n: number) => trader.post('/orders/batch', Array(n).fill(order));
  t.is((await batch(20)).status, 200);
  t.is((await batch(30)).status, 200);
  t.is(
    (await trader.post('/orders/batch', { all_or_none: true, orders: Array(30).fill(order) })).status,
    429,
  );
  const refused = await batch(30);
  t.deepEqual([refused.status, refused.body.message], [429, 'Private rate limit exceeded']);
  await sleep(3_000);
  t.is((await trader.get('/orders?status=all')).body.length, 50, 'nothing of it was taken');
});

test.serial('orders by socket are counted as those by HTTP are, together with them', async (t) => {
  const socket = await openSocket(exchange.baseUrl, { token: await exchange.tokenOf(7) });
  t.teardown(socket.close);
  for (let id = 0; id < 60; id++) socket.send({ id, method: 'order.place', params: order });
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => socket.next(({ status }) => status > 0)),
  );
  t.true(answers.filter(({ status }) => status === 200).length <= 10);
  t.deepEqual(answers.find(({ status }) => status === 429)?.error, {
    message: 'Private rate limit exceeded',
  });
  const trader = await exchange.trader(7);
  const refused = await many(20, () => trader.get('/fees'));
  t.true(refused.some(({ status }) => status === 429));
});

test.serial('operators are not limited', async (t) => {
  t.is(passed(await many(60, () => exchange.operator.get('/orders?trader_id=3'))), 60);
});

test.serial('a trader that asks without end does not slow another down', async (t) => {
  const [noisy, calm] = await Promise.all([exchange.trader(4), exchange.trader(5)]);
  let isOver = false;
  let refused = 0;
  const flood = Array.from({ length: 20 }, async () => {
    while (!isOver) if ((await noisy.post('/orders', order)).status === 429) refused++;
  });
  const times: number[] = [];
  for (let i = 0; i < 8; i++) {
    const start = performance.now();
    t.is((await calm.post('/orders', order)).status, 200);
    times.push(performance.now() - start);
    await sleep(600);
  }
  isOver = true;
  await Promise.all(flood);
  const median = times.sort((a, b) => a - b)[4]!;
  t.log(`${refused} refused; the other's median is ${median.toFixed(1)} ms`);
  t.true(refused > 20);
  t.true(median < 2_000, `${median}`);
});

test.serial('workers count together where there is a Redis for it', async (t) => {
  const env = { RATE_LIMIT_REDIS_URL: process.env.REDIS_URL!, PRIVATE_RATE: '2/2' };
  const apis = await Promise.all([exchange.start('api', env), exchange.start('api', env)]);
  const key = (await exchange.operator.post('/api-keys', { trader_id: 6, permissions: ['view'] })).body;
  const clients = await Promise.all(
    apis.map(async (api) => signedClient(`http://127.0.0.1:${await portOf(api)}`, key)),
  );
  const answers = await many(40, (i) => clients[i % 2]!('GET', '/fees'));
  t.true(passed(answers) >= 2 && passed(answers) < 40, `${passed(answers)}`);
});

test.serial('limits can be turned off', async (t) => {
  const api = await exchange.start('api', { RATE_LIMITS: 'off' });
  const client: Client = createClient(`http://127.0.0.1:${await portOf(api)}`, null);
  const answers = await many(60, () => client.get('/time'));
  t.is(passed(answers), 60);
  t.is(answers[0]!.headers.get('ratelimit-limit'), null);
});
