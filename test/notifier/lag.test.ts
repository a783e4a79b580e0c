import test from 'ava';
import { withPostgres } from '../../sql/with-postgres.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { scrape } from '../support/metrics.ts';
import { portOf } from '../support/processes.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

let exchange: Exchange;
let receiver: Receiver;
let metricsUrl: string;
test.before(async () => {
  exchange = await startExchange({ env: { WEBHOOK_ALLOW_PRIVATE: 'on', WEBHOOK_TIMEOUT_MS: '500' } });
  receiver = await startReceiver();
  const notifier = await exchange.start('notifier');
  metricsUrl = `http://127.0.0.1:${await portOf(notifier, 'serving metrics')}`;
});
test.after.always(() => exchange?.stop());
test.after.always(() => receiver?.close());

const lag = async (): Promise<number | undefined> =>
  (await scrape(metricsUrl)).value('cardstock_webhook_lag_seconds');
const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '5.00', size: '1' };

test.serial('a notice that nobody can claim ages, and is none once it is told', async (t) => {
  t.is(await lag(), 0);
  const trader = await exchange.trader(1);
  const webhook = { url: receiver.url('/lag'), events: ['order.open'] };
  t.is((await trader.post('/webhooks', webhook)).status, 200);
  await withPostgres(exchange.databaseUrl, async (client) => {
    await client.query('begin');
    await client.query('lock table webhooks in share row exclusive mode');
    // The writer learns of a webhook within a second or so.
    await until(async () => {
      await trader.post('/orders', order);
      return ((await lag()) ?? 0) > 1;
    });
    await client.query('rollback');
  });
  await until(async () => (await lag()) === 0);
  t.true(receiver.kept('/lag').length > 0);
});

test.serial('what a receiver itself holds up does not count', async (t) => {
  const trader = await exchange.trader(2);
  receiver.behave(() => 500);
  await trader.post('/webhooks', { url: receiver.url('/failing'), events: ['order.open'] });
  await until(async () => {
    await trader.post('/orders', { ...order, price: '4.00' });
    return receiver.received.some(({ path }) => path === '/failing');
  });
  await until(async () => (await trader.get('/webhooks')).body[0].status === 'failing');
  await until(async () => (await lag()) === 0);
  t.pass();
});
