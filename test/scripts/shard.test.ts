import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { shardNumberOf } from '../../core/order.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { killProcess } from '../support/processes.ts';
import { openSocket } from '../support/socket.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../scripts/shard.ts', import.meta.url));
const names = Array.from({ length: 3 }, () => `test-${randomBytes(6).toString('hex')}`);
const usual = { quote_increment: '0.01', base_increment: '1', max_price: '1000', base_max_size: '1000' };
const order = { trader_id: 1, product_id: 'X-USD', side: 'buy', price: '1.00', size: '1' };

let exchange: Exchange;
const shard = (...words: string[]) =>
  run(process.execPath, [script, ...words], { env: { ...process.env, DATABASE_URL: exchange.databaseUrl } });

test.before(async () => {
  exchange = await startExchange({ matchers: 2, writers: 2, env: { SHARD: '*', READ_TIMEOUT_MS: '15000' } });
});
test.after.always(async () => {
  await Promise.all(Object.values(exchange.processes).flat().map(killProcess));
  for (const name of names)
    for await (const keys of exchange.redis.scanStream({ match: `{${name}}:*`, count: 10_000 }))
      if (keys.length > 0) await exchange.redis.unlink(...keys);
  await exchange.stop();
});

test.serial('shards that are added have numbers of their own', async (t) => {
  await Promise.all(names.map((name) => shard('add', name)));
  const { stdout } = await shard('list');
  t.deepEqual(
    [...stdout.matchAll(/number (\d+)/g)].map(([, number]) => number),
    ['0', '1', '2', '3'],
  );
  const again = await t.throwsAsync(shard('add', names[0]!));
  t.regex(String((again as Error & { stderr?: string }).stderr), /There is a shard .* already/);
  await t.throwsAsync(shard('add', 'No Name'));
});

test.serial('a shard that is added trades with no process started anew', async (t) => {
  const { operator } = exchange;
  const unknown = await operator.post('/products', { id: 'X-USD', shard: 'nowhere', ...usual });
  t.is(unknown.status, 400);
  const product = { id: 'X-USD', shard: names[0], ...usual };
  await until(async () => (await operator.post('/products', product)).status !== 400);
  await until(async () => (await operator.get('/products/X-USD')).status === 200);
  const placed = await operator.post('/orders', order);
  t.is(placed.body.status, 'open', JSON.stringify(placed.body));
  const first = await operator.post('/orders', { ...order, product_id: 'PIKACHU-USD' });
  const numbers = [placed, first].map(({ body }) => shardNumberOf(Number(body.id)));
  t.is(numbers[1], 0);
  t.regex((await shard('list')).stdout, new RegExp(`${names[0]}  number ${numbers[0]},`));
  // A trader's account is the sum over its shards, and told as such.
  const socket = await openSocket(exchange.baseUrl, { token: await exchange.tokenOf(9) });
  t.teardown(socket.close);
  await socket.subscribe({ channels: ['balance'] });
  await exchange.redis.hset(`{${names[0]}}:account:9`, 'USD:available', 2_500, 'USD:hold', 0);
  await exchange.deposit(9, 'USD', '100');
  t.like(await socket.nextOf('balance'), { currency: 'USD', available: '125.00', holds: '0.00' });

  t.is((await operator.get('/health/ready')).status, 200);
  const listed = await operator.get('/orders?trader_id=1&status=open');
  t.deepEqual(
    listed.body.map(({ id }: { id: string }) => id).sort(),
    [placed, first].map(({ body }) => body.id).sort(),
  );
});

/** The shards that a process serves now, by its log. */
function servedBy({ lines }: { readonly lines: readonly string[] }): Set<string> {
  const shards = new Set<string>();
  for (const line of lines) {
    if (line.includes('"msg":"serving the shard"')) shards.add(JSON.parse(line).shard);
    if (line.includes('"msg":"no longer serving the shard"')) shards.delete(JSON.parse(line).shard);
  }
  return shards;
}

test.serial(
  'two matchers and two writers share all shards, and who is left takes over when one is killed',
  async (t) => {
    const { operator, processes, shard: main } = exchange;
    for (const name of ['matcher', 'writer'] as const) {
      const both = processes[name];
      await until(() => both.every((one) => servedBy(one).size === 2));
      const victim = both.find((one) => servedBy(one).has(main))!;
      await killProcess(victim);
      const start = performance.now();
      const placed = await operator.post('/orders', { ...order, product_id: 'PIKACHU-USD' });
      const shown = await operator.get(`/orders/${placed.body.id}?trader_id=1`);
      t.is(shown.body.status, 'open', JSON.stringify([placed.body, shown.body]));
      t.log(`${name}: ${Math.round(performance.now() - start)} ms`);
    }
  },
);
