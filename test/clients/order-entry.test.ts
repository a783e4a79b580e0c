import test from 'ava';
import { ExchangeError } from '../../clients/typescript/src/errors.ts';
import { type OrderEntryOptions, openOrderEntry } from '../../clients/typescript/src/order-entry.ts';
import { createRest } from '../../clients/typescript/src/rest.ts';
import { sleep } from '../../core/lifecycle.ts';
import { issueToken } from '../../sql/tokens.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { killProcess, portOf } from '../support/processes.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

type Entry = ReturnType<typeof openOrderEntry>;

async function entryOf(traderId: number, options: Partial<OrderEntryOptions> = {}): Promise<Entry> {
  const token = await issueToken(exchange.databaseUrl, { traderId });
  return openOrderEntry({
    url: `${exchange.baseUrl.replace('http', 'ws')}/feed`,
    credentials: { token },
    ...options,
  });
}

const order = (product_id: string, price: string) => ({ product_id, side: 'buy' as const, price, size: '2' });

test('orders, amends, cancels and refusals go by one socket, many at once', async (t) => {
  const product = await exchange.addProduct();
  const entry = await entryOf(21);
  t.teardown(entry.close);
  const placed = await Promise.all(
    ['2.00', '2.01', '2.02'].map((price) => entry.placeOrder(order(product, price))),
  );
  t.deepEqual(
    placed.map(({ status, price }) => [status, price]),
    [
      ['open', '2.00'],
      ['open', '2.01'],
      ['open', '2.02'],
    ],
  );
  t.is((await entry.amendOrder(placed[0]!.id, { price: '1.99' })).price, '1.99');
  t.is(await entry.cancelOrder(placed[1]!.id), placed[1]!.id);
  t.is((await entry.order(placed[1]!.id)).done_reason, 'canceled');
  t.is((await entry.placeBatch([order(product, '2.03'), order(product, '2.04')])).length, 2);
  t.is((await entry.placeAllOrNone([order(product, '2.05'), order(product, '2.06')])).length, 2);
  t.is((await entry.cancelAll(product)).length, 6);
  const refused = await t.throwsAsync(() => entry.placeOrder(order(product, '2.001')), {
    instanceOf: ExchangeError,
  });
  t.is(refused?.status, 400);
  t.regex(refused!.message, /price too precise/);
});

test('wrong credentials are refused as the exchange refuses them', async (t) => {
  const entry = await entryOf(22, { credentials: { token: 'nobody' }, patienceMs: 500 });
  t.teardown(entry.close);
  const error = await t.throwsAsync(() => entry.placeOrder(order('PIKACHU-USD', '2.00')));
  t.regex(error!.message, /Invalid token|the socket is not open/);
});

test('an API key signs requests, the feed and order entry', async (t) => {
  const product = await exchange.addProduct();
  const trader = await exchange.trader(23);
  const { body } = await trader.post('/api-keys', { permissions: ['view', 'trade'] });
  const credentials = { key: body.key, secret: body.secret, passphrase: body.passphrase };
  const rest = createRest({ baseUrl: exchange.baseUrl, credentials });
  const placed = await rest.placeOrder(order(product, '3.00'));
  t.is(placed.status, 'open');
  t.is((await rest.orders({ product_id: product, status: ['open', 'pending'] })).rows.length, 1);
  const entry = await entryOf(23, { credentials });
  t.teardown(entry.close);
  t.is((await entry.order(placed.id)).id, placed.id);
  t.deepEqual(await rest.cancelAll(product), [placed.id]);
  const wrong = createRest({
    baseUrl: exchange.baseUrl,
    credentials: { ...credentials, secret: btoa('other') },
  });
  await t.throwsAsync(() => wrong.accounts(), { message: 'invalid signature' });
});

test.serial('orders sent while the api is away wait for it, and each is taken once', async (t) => {
  const product = await exchange.addProduct();
  const entry = await entryOf(24);
  t.teardown(entry.close);
  await entry.placeOrder(order(product, '2.00'));
  const [api] = exchange.processes.api.splice(0);
  const port = String(await portOf(api!));
  const sent = Array.from({ length: 20 }, (_, at) => entry.placeOrder(order(product, `3.${10 + at}`)));
  await sleep(5);
  await killProcess(api!);
  await exchange.start('api', { PORT: port });
  const placed = await Promise.all(sent);
  t.is(new Set(placed.map(({ id }) => id)).size, 20);
  const { body } = await (await exchange.trader(24)).get(`/orders?product_id=${product}&limit=100`);
  t.is(body.length, 21);
});
