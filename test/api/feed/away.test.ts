import test from 'ava';
import { openProxy, type TcpProxy } from '../../../scripts/lab/faults/proxy.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { createClient } from '../../support/http.ts';
import { killProcess, portOf } from '../../support/processes.ts';
import { openSocket } from '../../support/socket.ts';

let exchange: Exchange;
let proxy: TcpProxy;
const deadPort = 1;
const livePort = Number(new URL(process.env.DATABASE_URL ?? 'postgres://x').port || 5432);

test.before(async () => {
  proxy = await openProxy({ host: '127.0.0.1', port: livePort });
  exchange = await startExchange();
});
test.after.always(async () => {
  await exchange?.stop();
  await proxy?.close();
});

/** The api that is asked reaches PostgreSQL by the proxy alone. */
async function apiBehindProxy(): Promise<{ baseUrl: string; kill: () => Promise<void> }> {
  const url = new URL(exchange.databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const api = await exchange.start('api', { DATABASE_URL: url.href });
  return { baseUrl: `http://127.0.0.1:${await portOf(api)}`, kill: () => killProcess(api) };
}

test.serial('the feed goes on, and orders by socket are answered, while PostgreSQL is away', async (t) => {
  const product_id = await exchange.addProduct();
  const { baseUrl, kill } = await apiBehindProxy();
  t.teardown(kill);
  const watcher = await openSocket(baseUrl);
  t.teardown(watcher.close);
  await watcher.subscribe({ product_ids: [product_id], channels: ['full', 'level2', 'ticker'] });
  const actor = await openSocket(baseUrl, { token: exchange.operatorToken });
  t.teardown(actor.close);
  const place = async (id: number, side: string) => {
    const params = { product_id, trader_id: 1 + (id % 2), side, price: '5.00', size: '1' };
    actor.send({ id, method: 'order.place', params });
    return actor.next((message) => message.id === id);
  };
  t.is((await place(1, 'sell')).status, 200);
  proxy.aim(deadPort);
  proxy.cut();
  for (let id = 2; id < 12; id++) t.is((await place(id, id % 2 ? 'sell' : 'buy')).status, 200, `order ${id}`);
  while (watcher.messages.filter(({ type }) => type === 'match').length < 5) await watcher.next();
  const numbers = watcher.messages
    .filter(({ type }) => /^(received|open|match|done)$/.test(type))
    .map(({ sequence }) => sequence);
  t.deepEqual(
    numbers,
    numbers.map((_, i) => i + 1),
  );
  proxy.aim(livePort);
});

test.serial('a client goes on from its last number by another api after its own was killed', async (t) => {
  const product_id = await exchange.addProduct();
  const trade = async (baseUrl: string, count: number): Promise<void> => {
    const client = createClient(baseUrl, exchange.operatorToken);
    for (let i = 0; i < count; i++) {
      const order = {
        product_id,
        trader_id: 1 + (i % 2),
        side: i % 2 ? 'buy' : 'sell',
        price: '3.00',
        size: '1',
      };
      t.is((await client.post('/orders', order)).status, 200);
    }
  };
  const other = await exchange.start('api');
  t.teardown(() => killProcess(other));
  const otherUrl = `http://127.0.0.1:${await portOf(other)}`;
  const { baseUrl, kill } = await apiBehindProxy();
  const first = await openSocket(baseUrl);
  await first.subscribe({ product_ids: [product_id], channels: ['full'] });
  await trade(baseUrl, 4);
  const isNumbered = ({ type }: { type: string }): boolean => /^(received|open|match|done)$/.test(type);
  const seen = () => first.messages.filter(isNumbered);
  const { sequence: told } = (await exchange.anonymous.get(`/products/${product_id}/book?level=3`)).body;
  while ((seen().at(-1)?.sequence ?? 0) < told) await first.next();
  await kill();
  await first.closed;
  await trade(otherUrl, 4);
  const back = await openSocket(otherUrl);
  t.teardown(back.close);
  await back.subscribe({ product_ids: [product_id], channels: ['full'], since: told });
  await trade(otherUrl, 2);
  const { sequence: last } = (await createClient(otherUrl, null).get(`/products/${product_id}/book?level=3`))
    .body;
  while ((back.messages.filter(isNumbered).at(-1)?.sequence ?? 0) < last) await back.next();
  const all = [...seen(), ...back.messages.filter(isNumbered)].map(({ sequence }) => sequence);
  t.deepEqual(
    all,
    Array.from({ length: last }, (_, i) => i + 1),
  );
  // One that was started since has seen nothing of it, and says so instead of leaving a gap.
  const late = await exchange.start('api');
  t.teardown(() => killProcess(late));
  const fresh = await openSocket(`http://127.0.0.1:${await portOf(late)}`);
  t.teardown(fresh.close);
  await fresh.subscribe({ product_ids: [product_id], channels: ['full'], since: told });
  t.like(await fresh.nextOf('snapshot_needed'), { product_id, since: told, sequence: last });
});
