import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { createLog } from '../../core/log.ts';
import { freePort } from '../../scripts/launcher/servers/ports.ts';
import { addShard } from '../../sql/add-shard.ts';
import { openPool } from '../../sql/pool.ts';
import { startExchange } from '../support/exchange.ts';
import { type Client, createClient } from '../support/http.ts';
import { portOf } from '../support/processes.ts';
import { startRedisServer } from '../support/redis-servers.ts';
import { until } from '../support/until.ts';

const second = `test-${randomBytes(6).toString('hex')}`;
const slots = 16_384;
/** How long a process waits for a Redis that hangs. */
const patience = { REDIS_TIMEOUT_MS: '2000', READ_TIMEOUT_MS: '2000', WAIT_TIMEOUT_MS: '2000' };

/**
 * A cluster of two nodes, of which one has the second shard and nothing else. One of two is no majority: a node that finds the
 * other one gone would refuse its own slots too, so that must take longer than the test.
 */
async function startCluster(t: ExecutionContext) {
  const [rest, node] = await Promise.all(
    [0, 1].map(async () => {
      const config = [
        'cluster-enabled yes',
        `cluster-port ${await freePort()}`,
        'cluster-node-timeout 600000',
      ];
      return startRedisServer(t, {
        config: [...config, 'appendonly yes', 'cluster-require-full-coverage no'],
      });
    }),
  );
  const slot = Number(await node!.client.call('CLUSTER', 'KEYSLOT', shardKeys(second).state));
  await node!.client.call('CLUSTER', 'ADDSLOTS', slot);
  await rest!.client.call('CLUSTER', 'ADDSLOTSRANGE', 0, slot - 1, slot + 1, slots - 1);
  const [, busPort] = await busOf(node!.client);
  await rest!.client.call('CLUSTER', 'MEET', '127.0.0.1', node!.port, busPort!);
  await until(async () => String(await rest!.client.call('CLUSTER', 'SLOTS')).includes(String(node!.port)));
  return { rest: rest!, node: node! };
}

test('a shard whose Redis hangs takes nothing else along, and goes on when it is back', async (t) => {
  const { rest, node } = await startCluster(t);
  const env = {
    ...{ REDIS_URL: `redis+cluster://127.0.0.1:${rest.port}`, SHARD: '*', ALLOW_LOSSY_REDIS: 'on' },
    ...patience,
  };
  const exchange = await startExchange({ env });
  t.teardown(() => exchange.stop());
  const pool = await openPool(exchange.databaseUrl, createLog('test', 'silent'), {
    maxPoolSize: 1,
    statementTimeout: 5_000,
  });
  await addShard(pool, second);
  await pool.end();
  await until(async () => {
    const { body } = await exchange.operator.post('/products', {
      ...{ id: 'X-USD', shard: second, quote_increment: '0.01', base_increment: '1' },
      ...{ max_price: '1000', base_max_size: '1000' },
    });
    return body.id === 'X-USD' || /already/.test(body.message);
  });
  await until(async () => (await exchange.anonymous.get('/products/X-USD')).status === 200);
  const trader = await exchange.trader(1);
  const place = async (product_id: string) =>
    trader.post('/orders', { product_id, side: 'buy', price: '1.00', size: '1' });
  await until(async () => (await place('X-USD')).status === 200);
  const here = await place('PIKACHU-USD');

  node.signal('SIGSTOP');
  const ready = await exchange.anonymous.get('/health/ready');
  t.like(ready, { status: 200, body: { status: 'ready', away: [second] } });
  const trading = await exchange.anonymous.get('/health/trading');
  t.like(trading, { status: 200, body: { status: 'trading', away: [second] } });
  const ofProduct = await trader.get('/orders?product_id=PIKACHU-USD');
  t.deepEqual(
    [ofProduct.status, ofProduct.body.length, ofProduct.headers.get('cardstock-shards-away')],
    [200, 1, null],
  );
  const all = await trader.get('/orders');
  t.deepEqual([all.status, all.headers.get('cardstock-shards-away')], [200, second]);
  t.true(all.body.some(({ id }: { id: string }) => id === here.body.id));
  await eachSaysWhoIsAway(t, trader);
  t.is((await trader.get('/fills?product_id=PIKACHU-USD')).status, 200);
  t.is((await place('X-USD')).status, 503);
  t.is((await trader.get('/accounts')).status, 503, 'a sum over all shards');

  const canceled = await trader.delete('/orders');
  t.is(canceled.status, 503);
  t.is(
    canceled.body.message,
    `Canceled 1 orders, and none of shard ${second}, which does not answer; send it again`,
  );
  t.is((await trader.get(`/orders/${here.body.id}`)).body.status, 'done');
  t.is((await place('PIKACHU-USD')).body.status, 'open');
  t.is((await trader.delete('/orders?product_id=PIKACHU-USD')).body.length, 1);

  const late = await exchange.start('api', { ...env, PORT: '0' });
  const other = createClient(`http://127.0.0.1:${await portOf(late)}`, exchange.operatorToken);
  await until(async () => (await other.get('/health/ready')).body.away?.[0] === second);

  node.signal('SIGCONT');
  await until(async () => (await place('X-USD')).body.status === 'open');
  await until(async () => (await other.get('/health/ready')).body.away === undefined);
  t.true((await trader.delete('/orders')).body.length >= 2);
});

/** The lists of a trader's money. */
async function eachSaysWhoIsAway(t: ExecutionContext, trader: Client): Promise<void> {
  const account = '/accounts/1-USD';
  for (const path of ['/transfers', `${account}/transfers`, `${account}/holds`, `${account}/ledger`]) {
    const { status, headers } = await trader.get(path);
    t.deepEqual([status, headers.get('cardstock-shards-away')], [200, second], path);
  }
}

/** A node's port, and that of its bus. */
async function busOf(client: { call: (...words: string[]) => Promise<unknown> }): Promise<number[]> {
  const [, address] = String(await client.call('CLUSTER', 'NODES')).split(' ');
  return address!.split(/[:@,]/).slice(1, 3).map(Number);
}
