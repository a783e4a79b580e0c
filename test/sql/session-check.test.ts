import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { migrate } from '../../sql/migrate.ts';
import { seed } from '../../sql/seed.ts';
import { assertSessions, SharedSessionsError } from '../../sql/session-check.ts';
import { issueToken } from '../../sql/tokens.ts';
import { execute } from '../support/database.ts';
import { sealingKey } from '../support/exchange.ts';
import { createClient } from '../support/http.ts';
import { type PoolerSettings, pgbouncer, startPgbouncer } from '../support/pgbouncer.ts';
import { type ProcessName, portOf, startProcess, stopProcess } from '../support/processes.ts';
import { redisUrl } from '../support/redis.ts';
import { until } from '../support/until.ts';

const names: readonly ProcessName[] = ['api', 'matcher', 'writer', 'notifier'];

/** The server of the tests, and a database of the test's own: a pooler forgets the search path that names a schema. */
async function ownDatabase(t: ExecutionContext): Promise<URL> {
  const url = new URL(process.env.DATABASE_URL!);
  const name = `pooled_${randomBytes(6).toString('hex')}`;
  await execute(url.href, `create database ${name}`);
  t.teardown(() => execute(process.env.DATABASE_URL!, `drop database ${name} with (force)`));
  url.pathname = `/${name}`;
  return url;
}

async function poolerOf(t: ExecutionContext, settings: PoolerSettings): Promise<string> {
  const pooled = await startPgbouncer(t, await ownDatabase(t), settings);
  await until(() =>
    execute(pooled, 'select 1').then(
      () => true,
      () => false,
    ),
  );
  return pooled;
}

function environment(databaseUrl: string, shard: string): NodeJS.ProcessEnv {
  const off = { MATCHER_METRICS_PORT: 'off', WRITER_METRICS_PORT: 'off', NOTIFIER_METRICS_PORT: 'off' };
  const given = { REDIS_URL: redisUrl(), DATABASE_URL: databaseUrl, SHARD: shard, SECRETS_KEY: sealingKey };
  return { ...off, ...given, HOST: '127.0.0.1', PORT: '0', RATE_LIMITS: 'off' };
}

const withPgbouncer = (title: string, run: (t: ExecutionContext) => Promise<void>): void =>
  test(title, async (t) => {
    if (pgbouncer) return run(t);
    t.log('There is no pgbouncer here, so this was not checked; Debian has a package of that name.');
    t.pass();
  });

test('a connection without a pooler is a session', (t) =>
  t.notThrowsAsync(assertSessions(process.env.DATABASE_URL!)));

const shared: Record<string, PoolerSettings> = {
  'transaction mode': { pool_mode: 'transaction' },
  'transaction mode that takes its sessions in turn': { pool_mode: 'transaction', server_round_robin: '1' },
  'transaction mode that cleans its sessions': { pool_mode: 'transaction', server_reset_query_always: '1' },
  'statement mode': { pool_mode: 'statement' },
};
for (const [mode, settings] of Object.entries(shared))
  withPgbouncer(`PgBouncer in ${mode} is refused`, async (t) => {
    await t.throwsAsync(assertSessions(await poolerOf(t, settings)), { instanceOf: SharedSessionsError });
  });

withPgbouncer('every process ends with one sentence if PgBouncer shares sessions', async (t) => {
  const pooled = await poolerOf(t, { pool_mode: 'transaction', server_reset_query_always: '1' });
  for (const name of names) {
    const error = await t.throwsAsync(startProcess(name, environment(pooled, 'main')));
    t.regex(error.message, /Set pool_mode = session, or go past it/);
    t.notRegex(error.message, / at .*\.ts:\d/);
  }
});

withPgbouncer('the exchange trades through PgBouncer in session mode', async (t) => {
  const pooled = await poolerOf(t, { pool_mode: 'session' });
  const shard = `pooled-${randomBytes(6).toString('hex')}`;
  await migrate(pooled);
  await seed(pooled, shard);
  const started = await Promise.all(names.map((name) => startProcess(name, environment(pooled, shard))));
  t.teardown(() => Promise.all(started.map(stopProcess)).then(() => {}));
  const baseUrl = `http://127.0.0.1:${await portOf(started[0]!)}`;
  const trader = createClient(baseUrl, await issueToken(pooled, { traderId: 1 }));
  const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };
  const { status, body } = await trader.post('/orders', order);
  t.is(status, 200);
  t.is((await trader.get(`/orders/${(body as { id: string }).id}`)).status, 200);
});
