import { once } from 'node:events';
import test from 'ava';
import { openProxy, type TcpProxy } from '../../scripts/lab/faults/proxy.ts';
import { withPostgres } from '../../sql/with-postgres.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { type Started, startProcess } from '../support/processes.ts';
import { redisUrl } from '../support/redis.ts';

const graceMs = 1_000;
/** What a busy machine may take to end a process beyond what the process itself does. */
const slackMs = 10_000;

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

type Server = 'REDIS_URL' | 'DATABASE_URL';

/** A process that sees one of its servers through a proxy, as a client on another machine would. */
async function behindProxy(name: 'matcher' | 'writer', server: Server): Promise<[Started, TcpProxy]> {
  const proxy = await openProxy({ host: '127.0.0.1', port: await portOf(server) });
  const env = {
    ...{ REDIS_URL: redisUrl(), DATABASE_URL: exchange.databaseUrl, SHARD: exchange.shard },
    ...{ MATCHER_METRICS_PORT: 'off', WRITER_METRICS_PORT: 'off', SHUTDOWN_GRACE_MS: String(graceMs) },
    [server]: throughPort(server, proxy.port),
  };
  return [await startProcess(name, env), proxy];
}

async function portOf(server: Server): Promise<number> {
  if (server === 'REDIS_URL') return Number(((await exchange.redis.config('GET', 'port')) as string[])[1]);
  const { rows } = await withPostgres(exchange.databaseUrl, (client) =>
    client.query<{ port: string }>('show port'),
  );
  return Number(rows[0]!.port);
}

function throughPort(server: Server, port: number): string {
  const { password } = exchange.redis.options;
  if (server === 'REDIS_URL') return `redis://${password ? `:${password}@` : ''}127.0.0.1:${port}`;
  return exchange.databaseUrl.replace(/@[^/]*\//, `@127.0.0.1:${port}/`);
}

for (const name of ['matcher', 'writer'] as const)
  for (const server of ['REDIS_URL', 'DATABASE_URL'] as const)
    for (const how of ['silent', 'gone'] as const)
      test(`a ${name} whose ${server} is ${how} ends in time`, async (t) => {
        const [{ child }, proxy] = await behindProxy(name, server);
        t.teardown(() => proxy.close());
        if (how === 'silent') proxy.silence();
        else await proxy.close();
        const exited = once(child, 'exit');
        const before = performance.now();
        child.kill('SIGTERM');
        await exited;
        t.true(performance.now() - before < graceMs + slackMs);
      });
