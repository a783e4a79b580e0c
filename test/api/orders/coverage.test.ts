import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { Client as DatabaseClient } from 'pg';
import { createLog } from '../../../core/log.ts';
import { judgePartitions } from '../../../scripts/ops/retention/partitions.ts';
import { retire } from '../../../scripts/ops/retention/retire.ts';
import { openPool } from '../../../sql/pool.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Answer, Client } from '../../support/http.ts';
import { until } from '../../support/until.ts';

const partitionSize = 10_000;
let exchange: Exchange;
let alice: Client;
let bob: Client;
/** Of alice: filled and open, in the first partition that is full; and filled in the next. */
let [filled, open, later]: string[] = [];

const sell = (price: string, more = {}) => ({
  ...{ product_id: 'PIKACHU-USD', side: 'sell', price, size: '1' },
  ...more,
});
const firstOid = { client_oid: 'first' };

test.before(async () => {
  exchange = await startExchange({ env: { PARTITION_SIZE: String(partitionSize) } });
  alice = await exchange.trader(1);
  bob = await exchange.trader(2);
  filled = await placed(alice, sell('2.00', firstOid));
  await placed(bob, sell('2.00', { side: 'buy' }));
  const passing = new Array(1_000).fill(sell('9.00', { time_in_force: 'IOC' }));
  for (let i = 0; i < partitionSize / 1_000; i++) await bob.post('/orders/batch', passing);
  open = await placed(alice, sell('8.00'));
  later = await placed(alice, sell('3.00'));
  await placed(bob, sell('3.00', { side: 'buy' }));
  await everythingIsThere();
  await retireFirst();
});
test.after.always(() => exchange?.stop());

async function placed(client: Client, order: object): Promise<string> {
  return (await client.post('/orders', order)).body.id;
}

const everythingIsThere = () => alice.get('/orders');

async function retireFirst(): Promise<void> {
  const { databaseUrl } = exchange;
  const folder = mkdtempSync(`${tmpdir()}/archived-`);
  const pool = await openPool(databaseUrl, createLog('test', 'silent'), {
    maxPoolSize: 1,
    statementTimeout: 10_000,
  });
  const client = new DatabaseClient(databaseUrl);
  await client.connect();
  for (const verdict of await judgePartitions(pool, Date.now() + 1_000))
    await retire({ client, folder, drop: true, say: () => {} }, verdict);
  await client.end();
  await pool.end();
  rmSync(folder, { recursive: true });
}

const coverage = ({ headers }: Answer) => headers.get('cardstock-covers-from');
const covered = String(partitionSize + 1);

test('lists say from which sequence on they lack nothing', async (t) => {
  const orders = await alice.get('/orders?status=all', { origin: 'https://page.example' });
  t.deepEqual(
    orders.body.map(({ id }: { id: string }) => id),
    [later, open],
  );
  t.is(coverage(orders), covered);
  t.regex(orders.headers.get('access-control-expose-headers')!, /Cardstock-Covers-From/);
  const paths = [
    '/orders?status=done&product_id=SQUIRTLE-USD',
    '/fills?product_id=PIKACHU-USD',
    `/fills?order_id=${filled}`,
    '/products/PIKACHU-USD/trades',
    '/accounts/1-USD/ledger',
  ];
  for (const path of paths) t.is(coverage(await alice.get(path)), covered, path);
  // Those in memory go within a second.
  await until(async () => (await alice.get('/products/PIKACHU-USD/trades')).body.length === 1);
});

test('open orders are never archived, so a list of them lacks nothing', async (t) => {
  t.is(coverage(await alice.get('/orders')), null);
  t.is(coverage(await alice.get('/orders?status=open')), null);
});

const isArchived = 'order not found: what came before sequence 10001 and is done is archived';

test('an archived order is not found, and the answer says why', async (t) => {
  for (const name of [filled, 'client:first']) {
    const { status, body } = await alice.get(`/orders/${name}`);
    t.deepEqual([status, body.message], [404, isArchived], name);
  }
  for (const name of ['999999999', 'client:never']) {
    const { status, body } = await alice.get(`/orders/${name}`);
    t.deepEqual([status, body.message], [404, 'NotFound'], name);
  }
  t.is((await alice.get(`/orders/${later}`)).status, 200);
});

test('the client_oid of an archived order is not given again, and the answer names the order', async (t) => {
  const again = sell('2.00', firstOid);
  const message = `Duplicate client_oid: it is that of order ${filled}, which is archived`;
  const single = await alice.post('/orders', again);
  t.deepEqual([single.status, single.body.message], [400, message]);
  const batch = await alice.post('/orders/batch', [again]);
  t.deepEqual(batch.body, [{ message }]);
});
