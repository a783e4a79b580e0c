import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { sleep } from '../../../core/lifecycle.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { scrape } from '../../support/metrics.ts';
import { portOf } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
let alice: Client;
test.before(async () => {
  exchange = await startExchange({ env: { WAIT_TIMEOUT_MS: '3000', MAX_UNMATCHED: '1000' } });
  alice = await exchange.trader(1);
});
test.after.always(() => exchange?.stop());

const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };
const requests = 'cardstock_http_request_duration_seconds_count';

async function sequences(): Promise<(number | undefined)[]> {
  const { value } = await scrape(exchange.baseUrl);
  const names = ['accepted_sequence', 'matched_sequence', 'persisted_sequence'];
  const lags = ['unmatched_commands', 'unpersisted_reports'];
  return [...names, ...lags].map((name) => value(`cardstock_${name}`, { shard: exchange.shard }));
}

test.serial('requests are counted by route, method and status', async (t) => {
  const { body } = await alice.post('/orders', order);
  const rows: [method: string, path: string, route: string, status: number][] = [
    ['GET', `/orders/${body.id}`, '/orders/:id', 200],
    ['DELETE', `/orders/${body.id}`, '/orders/:id', 200],
    ['GET', '/orders/999999', '/orders/:id', 404],
    ['GET', '/products/PIKACHU-USD/book?level=2', '/products/:id/book', 200],
    ['GET', '/nothing/at/all', 'none', 404],
    ['DELETE', '/time', 'none', 404],
  ];
  for (const [method, path] of rows) await alice.send(method, path);
  const { value, labelled } = await scrape(exchange.baseUrl);
  for (const [method, , route, status] of rows)
    t.is(value(requests, { method, route, status: String(status) }), 1, `${method} ${route} ${status}`);
  const routes = [...labelled(requests, 'route')].join(' ');
  t.notRegex(routes, /PIKACHU|nothing|\d/);
});

test.serial('durations are in buckets up to seconds', async (t) => {
  const { value } = await scrape(exchange.baseUrl);
  const labels = { method: 'POST', route: '/orders', status: '200' };
  const name = 'cardstock_http_request_duration_seconds';
  t.is(value(`${name}_bucket`, { ...labels, le: '+Inf' }), 1);
  t.true(value(`${name}_sum`, labels)! > 0.0001, 'a request with an fsync in it');
  t.true(value(`${name}_sum`, labels)! < 10);
  t.is(value(`${name}_bucket`, { ...labels, le: '10' }), 1);
});

test.serial('the process itself is measured', async (t) => {
  const { value } = await scrape(exchange.baseUrl);
  t.true(value('process_resident_memory_bytes', { process: 'api' })! > 10_000_000);
});

test.serial('sequences and lags are those of the shard', async (t) => {
  const start = Number(await exchange.redis.hget(`{${exchange.shard}}:state`, 'sequence'));
  await alice.post('/orders/batch', [order, order, order]);
  await alice.get('/orders');
  t.deepEqual(await sequences(), [start + 3, start + 3, start + 3, 0, 0]);

  await exchange.kill('writer');
  await alice.post('/orders', order);
  t.deepEqual(await sequences(), [start + 4, start + 4, start + 3, 0, 1]);

  await exchange.kill('matcher');
  const waiting = alice.post('/orders/batch', [order, order]);
  await untilAwaited(2);
  t.deepEqual(await sequences(), [start + 6, start + 4, start + 3, 2, 1]);
  t.is((await waiting).status, 200);
  await untilAwaited(0);
});

async function untilAwaited(count: number): Promise<void> {
  await until(async () => {
    const { value } = await scrape(exchange.baseUrl);
    return value('cardstock_awaited_verdicts', { shard: exchange.shard }) === count;
  });
}

test.serial('refusals for the backlog are counted, one a request', async (t) => {
  const refusals = async () => (await scrape(exchange.baseUrl)).value('cardstock_backlog_refusals_total');
  t.is(await refusals(), 0);
  for (let i = 0; i < 2; i++)
    t.is((await alice.post('/orders/batch', new Array(1_000).fill(order))).status, 503);
  t.is((await alice.post('/orders', { ...order, size: 'x' })).status, 400);
  t.is(await refusals(), 2);
});

test.serial(
  'the age of the oldest command that PostgreSQL lacks is told, and what was refused',
  async (t) => {
    // Writer and matcher are dead by now, and commands wait.
    const { shard, redis } = exchange;
    const told = async (name: string) =>
      (await scrape(exchange.baseUrl)).value(`cardstock_${name}`, { shard });
    const earlier = (await told('persistence_lag_seconds'))!;
    await sleep(200);
    const later = (await told('persistence_lag_seconds'))!;
    t.true(earlier > 0 && later >= earlier + 0.2, `${earlier}, then ${later}`);
    t.is(await told('refused_reports'), 0);
    await redis.xadd(`{${shard}}:dead`, '*', 'sequence', 1, 'error', 'no such thing');
    t.is(await told('refused_reports'), 1);
    await Promise.all([exchange.start('matcher'), exchange.start('writer')]);
    await alice.get('/orders');
    t.is(await told('persistence_lag_seconds'), 0);
    await exchange.kill('writer');
    await exchange.kill('matcher');
  },
);

/** Stands between a process and Redis. */
async function startProxy(t: ExecutionContext) {
  const { host, port, path, password } = exchange.redis.options;
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = path ? connect(path) : connect(port!, host!);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const close = (): void => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(close);
  const { port: near } = proxy.address() as { port: number };
  return {
    url: `redis://${password ? `:${password}@` : ''}127.0.0.1:${near}`,
    hang: () => {
      for (const socket of sockets) socket.pause().unpipe();
    },
    close,
  };
}

test.serial('while Redis hangs or is away, a scrape has all but the sequences', async (t) => {
  const proxy = await startProxy(t);
  const started = await exchange.start('api', { REDIS_URL: proxy.url });
  const baseUrl = `http://127.0.0.1:${await portOf(started)}`;
  const { shard } = exchange;
  const rows: [fail: () => void, up: number][] = [
    [() => {}, 1],
    [proxy.hang, 0],
    [proxy.close, 0],
  ];
  for (const [fail, up] of rows) {
    fail();
    const begun = Date.now();
    const { value } = await scrape(baseUrl);
    t.true(Date.now() - begun < 5_000);
    t.is(value('cardstock_redis_up', { shard }), up);
    t.is(value('cardstock_accepted_sequence', { shard }) === undefined, up === 0);
    t.is(value('cardstock_unpersisted_reports', { shard }) === undefined, up === 0);
    t.is(value('cardstock_backlog_refusals_total'), 0);
  }
});
