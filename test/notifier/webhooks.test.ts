import test from 'ava';
import { sleep } from '../../core/lifecycle.ts';
import { execute } from '../support/database.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import type { Client } from '../support/http.ts';
import { lineWith } from '../support/processes.ts';
import { type Receiver, startReceiver, verify } from '../support/receiver.ts';

let exchange: Exchange;
let receiver: Receiver;
const env = { WEBHOOK_ALLOW_PRIVATE: 'on', WEBHOOK_TIMEOUT_MS: '500' };
test.before(async () => {
  exchange = await startExchange({ env });
  receiver = await startReceiver();
  await exchange.start('notifier');
});
test.after.always(() => exchange?.stop());
test.after.always(() => receiver?.close());
test.beforeEach(() => receiver.behave(() => 200));

const everything = ['order.open', 'order.done', 'trade', 'transfer'];
const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '5.00', size: '1' };
let traders = 100;

/** A trader with a webhook of its own path, which the writer knows of. */
async function subscribe(events = everything) {
  const traderId = ++traders;
  const trader = await exchange.trader(traderId);
  const path = `/${traderId}`;
  const { status, body } = await trader.post('/webhooks', { url: receiver.url(path), events });
  if (status !== 200) throw new Error(JSON.stringify(body));
  await sleep(1_500);
  return { traderId, trader, path, id: body.id as string, secret: body.secret as string };
}

/** Lets the time pass until the next attempt. */
const skipWait = (id: string): Promise<void> =>
  execute(exchange.databaseUrl, `update webhooks set next_attempt_at = now() where webhook_id = ${id}`);
const place = async (trader: Client, said = {}): Promise<string> =>
  (await trader.post('/orders', { ...order, ...said })).body.id;

test.serial(
  'a trader is told of its orders, trades and transfers in order, signed, with the decimals of the API',
  async (t) => {
    const { traderId, trader, path, secret } = await subscribe();
    const other = await exchange.trader(1);
    const open = await place(trader, { price: '3.00', client_oid: 'mine' });
    await place(other, { side: 'sell', price: '3.00' });
    const canceled = await place(trader, { price: '2.00' });
    await trader.delete(`/orders/${canceled}`);
    await exchange.deposit(traderId, 'USD', '12.5');
    await receiver.until(() => receiver.kept(path).length === 6);
    const told = receiver.kept(path);
    t.deepEqual(
      told.map(({ type, data }) => [type, data.id ?? data.order_id ?? data.amount]),
      [
        ['order.open', open],
        ['trade', open],
        ['order.done', open],
        ['order.open', canceled],
        ['order.done', canceled],
        ['transfer', '12.50'],
      ],
    );
    const [first, trade, done] = told;
    t.like(first!.data, {
      product_id: 'PIKACHU-USD',
      price: '3.00',
      size: '1',
      remaining_size: '1',
      client_oid: 'mine',
    });
    t.like(trade!.data, { price: '3.00', size: '1', side: 'buy', liquidity: 'M', product_id: 'PIKACHU-USD' });
    t.like(done!.data, { status: 'done', done_reason: 'filled', filled_size: '1', executed_value: '3.00' });
    for (const one of told) t.notThrows(() => verify(one, secret));
    t.is(new Set(told.map(({ id }) => id)).size, 6);
  },
);

test.serial(
  'a trader is told that a stop order waits, comes in, trades, and that an order expires',
  async (t) => {
    const { trader, path } = await subscribe(['order.active', ...everything]);
    const other = await exchange.trader(1);
    const product_id = await exchange.addProduct();
    const stop = await place(trader, { product_id, side: 'sell', price: '2.00', stop_price: '3.00' });
    const expire_time = new Date(Date.now() + 300).toISOString();
    const gone = await place(trader, { product_id, price: '1.00', time_in_force: 'GTT', expire_time });
    await receiver.until(() => receiver.kept(path).length === 3);
    for (const side of ['sell', 'buy']) await place(other, { product_id, side, price: '3.00' });
    await place(other, { product_id, price: '2.00' });
    await receiver.until(() => receiver.kept(path).length === 6);
    t.deepEqual(
      receiver.kept(path).map(({ type, data }) => [type, data.id ?? data.order_id]),
      [
        ['order.active', stop],
        ['order.open', gone],
        ['order.done', gone],
        ['order.open', stop],
        ['trade', stop],
        ['order.done', stop],
      ],
    );
    t.like(receiver.kept(path)[0]!.data, { stop: 'loss', stop_price: '3.00', price: '2.00' });
  },
);

test.serial('it is told only of the events that it named', async (t) => {
  const { trader, path } = await subscribe(['order.done']);
  const id = await place(trader, { price: '1.00' });
  await trader.delete(`/orders/${id}`);
  await receiver.until(() => receiver.kept(path).length === 1);
  t.deepEqual(
    receiver.kept(path).map(({ type }) => type),
    ['order.done'],
  );
});

test.serial('what fails is tried again with the same id, and what comes after waits for it', async (t) => {
  const { trader, path, id } = await subscribe(['order.open']);
  receiver.behave(
    (_, attempt) => [500, 'never' as const, { location: receiver.url('/elsewhere') }][attempt - 1] ?? 204,
  );
  const placed = [await place(trader, { price: '1.00' }), await place(trader, { price: '1.01' })];
  for (let attempts = 1; attempts <= 3; attempts++) {
    await receiver.until(() => receiver.received.filter((one) => one.path === path).length === attempts);
    await sleep(700);
    const { body } = await trader.get(`/webhooks/${id}`);
    t.is(body.status, 'failing');
    t.regex(body.last_error, [/answered 500/, /no answer within 0.5 s/, /answered 302/][attempts - 1]!);
    await skipWait(id);
  }
  await receiver.until(() => receiver.kept(path).length === 2);
  t.deepEqual(
    receiver.kept(path).map(({ data }) => data.id),
    placed,
  );
  t.is(
    new Set(
      receiver.received
        .filter((one) => one.path === path)
        .slice(0, 4)
        .map((one) => one.id),
    ).size,
    1,
  );
  t.is(receiver.received.filter((one) => one.path === '/elsewhere').length, 0);
});

test.serial(
  'what eight attempts do not deliver is a dead letter, and sent again when its trader asks',
  async (t) => {
    const { trader, path, id } = await subscribe(['order.open']);
    receiver.behave((to) => (to === path ? 500 : 200));
    await place(trader, { price: '1.00' });
    for (let attempts = 1; attempts <= 8; attempts++) {
      await receiver.until(() => receiver.received.filter((one) => one.path === path).length === attempts);
      await sleep(150);
      await skipWait(id);
    }
    await sleep(300);
    const letters = (await trader.get(`/webhooks/${id}/dead-letters`)).body;
    t.is(letters.length, 1);
    t.like(letters[0], { event: 'order.open', error: 'answered 500' });
    t.is((await trader.get(`/webhooks/${id}`)).body.status, 'enabled');

    receiver.behave(() => 200);
    const again = await trader.post(`/webhooks/${id}/dead-letters/${letters[0].id}`, {});
    t.is(again.status, 200);
    await receiver.until(() => receiver.kept(path).length === 1);
    t.is(receiver.kept(path)[0]!.id, letters[0].id);
    await sleep(300);
    t.deepEqual((await trader.get(`/webhooks/${id}/dead-letters`)).body, []);
  },
);

test.serial(
  'five days of failing disable it, and so does 410; enabled again, it goes on where it stood',
  async (t) => {
    const { trader, path, id } = await subscribe(['order.open']);
    receiver.behave(() => 500);
    const first = await place(trader, { price: '1.00' });
    await receiver.until(() => receiver.received.some((one) => one.path === path));
    await sleep(200);
    await execute(
      exchange.databaseUrl,
      `update webhooks set failing_since = now() - interval '5 days 1 minute' where webhook_id = ${id}`,
    );
    await skipWait(id);
    await lineWith(exchange.processes.notifier[0]!, 'failed for too long');
    t.is((await trader.get(`/webhooks/${id}`)).body.status, 'disabled');
    receiver.behave((_, attempt) => (attempt === 3 ? 410 : 200));
    await trader.post(`/webhooks/${id}/enable`, {});
    await lineWith(exchange.processes.notifier[0]!, 'is gone, and disabled');
    await trader.post(`/webhooks/${id}/enable`, {});
    await receiver.until(() => receiver.kept(path).length === 1);
    t.is(receiver.kept(path)[0]!.data.id, first);
  },
);

test.serial('after a change of the secret, both are good', async (t) => {
  const { trader, path, id, secret } = await subscribe(['order.open']);
  const { body } = await trader.post(`/webhooks/${id}/secret`, {});
  t.not(body.secret, secret);
  await place(trader, { price: '1.00' });
  await receiver.until(() => receiver.kept(path).length === 1);
  for (const good of [secret, body.secret]) t.notThrows(() => verify(receiver.kept(path)[0]!, good));
  t.throws(() => verify(receiver.kept(path)[0]!, `whsec_${Buffer.alloc(32).toString('base64')}`));
  t.is((await trader.get('/webhooks')).body[0].secret, undefined);
});

test.serial(
  'notifiers that are killed at random lose nothing, and what comes twice has one id',
  async (t) => {
    const { trader, path } = await subscribe(['order.open']);
    receiver.behave((_, attempt) => (attempt % 7 === 0 ? 'never' : 200));
    const placed: string[] = [];
    for (let i = 0; i < 40; i++) {
      placed.push(await place(trader, { price: (1 + i / 100).toFixed(2) }));
      if (i % 10 !== 9) continue;
      await exchange.kill('notifier');
      await exchange.start('notifier', { WEBHOOK_TIMEOUT_MS: '100' });
      // Their claims end with their time; what failed would wait for its next attempt.
      await execute(
        exchange.databaseUrl,
        `update webhooks set claimed_until = '-infinity', next_attempt_at = now()`,
      );
    }
    const nudge = setInterval(
      () =>
        void execute(exchange.databaseUrl, 'update webhooks set next_attempt_at = now() where attempts > 0'),
      300,
    );
    t.teardown(() => clearInterval(nudge));
    await receiver.until(() => receiver.kept(path).length === 40, 30);
    t.deepEqual(
      receiver.kept(path).map(({ data }) => data.id),
      placed,
    );
  },
);

test.serial("another trader's webhook is not there, and there are ten at most", async (t) => {
  const { id, traderId } = await subscribe();
  const other = await exchange.trader(2);
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/secret'],
    ['POST', '/enable'],
    ['GET', '/dead-letters'],
    ['POST', '/dead-letters/msg_1'],
  ] as const)
    t.is((await other.send(method, `/webhooks/${id}${path}`)).status, 404, `${method} ${path}`);
  t.is((await exchange.operator.get(`/webhooks?trader_id=${traderId}`)).body.length, 1);
  const webhook = { url: receiver.url('/x'), events: ['trade'] };
  for (let i = 0; i < 10; i++) t.is((await other.post('/webhooks', webhook)).status, 200);
  t.is((await other.post('/webhooks', webhook)).status, 400);
  t.is((await other.post('/webhooks', { ...webhook, events: ['rain'] })).status, 400);
  t.is((await other.post('/webhooks', { ...webhook, url: 'ftp://example.org' })).status, 400);
});
