import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { scrape } from '../support/metrics.ts';
import { linesThat, lineWith, portOf } from '../support/processes.ts';
import { until } from '../support/until.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };

async function baseUrl(): Promise<string> {
  return `http://127.0.0.1:${await portOf(exchange.processes.matcher[0]!, 'serving metrics')}`;
}

test.serial('runs are counted with their commands', async (t) => {
  const before = await scrape(await baseUrl());
  const alice = await exchange.trader(1);
  await alice.post('/orders', order);
  await alice.post('/orders/batch', new Array(30).fill(order));
  const labels = { process: 'matcher', shard: exchange.shard };
  let after = before;
  const grown = (name: string, more = {}) =>
    after.value(name, { ...labels, ...more })! - before.value(name, { ...labels, ...more })!;
  // The orders may be answered before the matcher hears of its run.
  await until(async () => {
    after = await scrape(await baseUrl());
    return grown('cardstock_matched_commands_total') >= 31;
  });
  t.is(grown('cardstock_matched_commands_total'), 31);
  t.is(grown('cardstock_run_commands_sum'), 31);
  t.is(grown('cardstock_run_commands_count'), 2);
  t.is(grown('cardstock_run_commands_bucket', { le: '20' }), 1, 'a run of 1 and one of 30');
  t.is(grown('cardstock_run_duration_seconds_count'), 2);
  t.true(grown('cardstock_run_duration_seconds_sum') > 0);
  t.is(after.value('cardstock_run_failures_total'), 0);
  t.true(after.value('nodejs_heap_size_used_bytes', labels)! > 0);
});

test.serial('the listener answers nothing but GET /metrics', async (t) => {
  const rows: [method: string, path: string, status: number][] = [
    ['GET', '/metrics?collect=all', 200],
    ['POST', '/metrics', 404],
    ['GET', '/', 404],
    ['GET', '/metrics/more', 404],
  ];
  for (const [method, path, status] of rows)
    t.is((await fetch((await baseUrl()) + path, { method })).status, status, `${method} ${path}`);
});

test.serial('a matcher whose port is taken says which variable sets it, and matches', async (t) => {
  const { port } = new URL(await baseUrl());
  const second = await exchange.start('matcher', { MATCHER_METRICS_PORT: port });
  t.truthy(await lineWith(second, 'MATCHER_METRICS_PORT', 'EADDRINUSE'));
  const first = exchange.processes.matcher[0]!;
  first.child.kill('SIGKILL');
  await first.exited;
  const alice = await exchange.trader(1);
  t.is((await alice.post('/orders', order)).body.status, 'open');
  t.deepEqual(linesThat('serving metrics', second), []);
});

test.serial('a failing run is counted', async (t) => {
  const started = await exchange.start('matcher');
  const url = `http://127.0.0.1:${await portOf(started, 'serving metrics')}`;
  const { commands } = shardKeys(exchange.shard);
  // A string where the stream should be: every run fails until the stream is back.
  await exchange.redis.rename(commands, `${commands}:aside`);
  await exchange.redis.set(commands, 'no stream');
  await until(async () => (await scrape(url)).value('cardstock_run_failures_total')! > 0);
  await exchange.redis.rename(`${commands}:aside`, commands);
  const alice = await exchange.trader(1);
  t.is((await alice.post('/orders', order)).body.status, 'open');
});

test.serial('off is no listener', async (t) => {
  const started = await exchange.start('matcher', { MATCHER_METRICS_PORT: 'off' });
  t.deepEqual(linesThat('serving metrics', started), []);
});
