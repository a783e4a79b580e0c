import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { shardNumberOf } from '../../core/order.ts';
import { issueToken } from '../../sql/tokens.ts';
import { startExchange } from '../support/exchange.ts';
import { createClient } from '../support/http.ts';
import { killProcess, portOf } from '../support/processes.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../scripts/shard.ts', import.meta.url));

test('a shard that is added has a number of its own, and trades once its processes run', async (t) => {
  const exchange = await startExchange();
  t.teardown(() => exchange.stop());
  const { databaseUrl, redis, start, processes } = exchange;
  const shard = (...words: string[]) =>
    run(process.execPath, [script, ...words], { env: { ...process.env, DATABASE_URL: databaseUrl } });
  const names = Array.from({ length: 3 }, () => `test-${randomBytes(6).toString('hex')}`);
  await Promise.all(names.map((name) => shard('add', name)));
  const { stdout } = await shard('list');
  t.deepEqual(
    [...stdout.matchAll(/number (\d+)/g)].map(([, number]) => number),
    ['0', '1', '2', '3'],
  );
  const again = await t.throwsAsync(shard('add', names[0]!));
  t.regex(String((again as Error & { stderr?: string }).stderr), /There is a shard .* already/);
  await t.throwsAsync(shard('add', 'No Name'));

  // Another api, since one serves the shards that were there when it was started; it waits for none to be prepared.
  const [added] = names as [string];
  await Promise.all([start('matcher', { SHARD: added }), start('writer', { SHARD: added })]);
  const api = await start('api', { PORT: '0' });
  const client = createClient(
    `http://127.0.0.1:${await portOf(api)}`,
    await issueToken(databaseUrl, 'operator'),
  );
  t.teardown(async () => {
    await Promise.all(Object.values(processes).flat().map(killProcess));
    for await (const keys of redis.scanStream({ match: `{${added}}:*`, count: 10_000 }))
      if (keys.length > 0) await redis.unlink(...(keys as string[]));
  });
  const usual = { quote_increment: '0.01', base_increment: '1', max_price: '1000', base_max_size: '1000' };
  const unknown = await client.post('/products', { id: 'X-USD', shard: 'nowhere', ...usual });
  t.is(unknown.status, 400);
  const made = await client.post('/products', { id: 'X-USD', shard: added, ...usual });
  t.is(made.status, 200, JSON.stringify(made.body));
  const order = { trader_id: 1, product_id: 'X-USD', side: 'buy', price: '1.00', size: '1' };
  const placed = await client.post('/orders', order);
  t.is(placed.body.status, 'open', JSON.stringify(placed.body));
  const first = await client.post('/orders', { ...order, product_id: 'PIKACHU-USD' });
  const numbers = [placed, first].map(({ body }) => shardNumberOf(Number(body.id)));
  t.is(numbers[1], 0);
  t.regex(stdout, new RegExp(`${added}  number ${numbers[0]},`));

  // The other two have no matcher and no state yet, and take nothing along.
  t.is((await client.get('/health/ready')).status, 200);
  const listed = await client.get('/orders?trader_id=1&status=open');
  t.deepEqual(
    listed.body.map(({ id }: { id: string }) => id).sort(),
    [placed, first].map(({ body }) => body.id).sort(),
  );
});
