import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { eraseData } from '../../scripts/launcher/servers/servers.ts';
import { withPostgres } from '../../sql/with-postgres.ts';

const run = promisify(execFile);
const holder = fileURLToPath(new URL('./hold-servers.ts', import.meta.url));

type Addresses = { redisUrl: string; databaseUrl: string; redisTcpUrl: string; databaseTcpUrl: string };

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync('/tmp/cardstock-servers-');
  chmodSync(folder, 0o711);
  t.teardown(() => eraseData(folder));
  return folder;
}

/** Starts private servers in a process of their own, as the launcher is one. */
async function holdServers(t: ExecutionContext, dataDir: string) {
  const child = spawn(process.execPath, [holder, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return { ...(JSON.parse(line) as Addresses), end };
}

async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  redis.on('error', () => {});
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

async function query(url: string, statement: string): Promise<unknown[]> {
  return (await withPostgres(url, (client) => client.query(statement))).rows;
}

test('servers run as promised, and keep their data and addresses when their launcher is killed', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await holdServers(t, dataDir);
  await withRedis(first.redisUrl, async (redis) => {
    t.is(((await redis.config('GET', 'appendfsync')) as string[])[1], 'always');
    t.is(((await redis.config('GET', 'maxmemory-policy')) as string[])[1], 'noeviction');
    const most = Number(((await redis.config('GET', 'maxmemory')) as string[])[1]);
    t.true(most > 0 && most <= totalmem() / 2, `${most} bytes`);
    await redis.set('kept', 'yes');
  });
  t.deepEqual(await query(first.databaseUrl, 'show synchronous_commit'), [{ synchronous_commit: 'on' }]);
  await query(first.databaseUrl, `create table kept as select 'yes' as answer`);
  t.is(statSync(`${dataDir}/secret`).mode & 0o777, 0o600);

  await t.throwsAsync(run(process.execPath, [holder, dataDir]), {
    message: /already runs with the data folder/,
  });

  await first.end('SIGKILL');
  const second = await holdServers(t, dataDir);
  t.is(second.redisTcpUrl, first.redisTcpUrl);
  t.is(second.databaseTcpUrl, first.databaseTcpUrl);
  t.is(await withRedis(second.redisTcpUrl, (redis) => redis.get('kept')), 'yes');
  t.deepEqual(await query(second.databaseTcpUrl, 'select answer from kept'), [{ answer: 'yes' }]);

  await second.end('SIGTERM');
  const closed = await withRedis(second.redisTcpUrl, (redis) => once(redis, 'error'));
  t.regex(String(closed[0]), /ECONNREFUSED/);
});

test('a server that dies is started again, at its address and with its data', async (t) => {
  const dataDir = temporaryFolder(t);
  const servers = await holdServers(t, dataDir);
  await withRedis(servers.redisUrl, async (redis) => {
    await redis.set('kept', 'yes');
    process.kill(Number(readFileSync(`${dataDir}/redis/redis.pid`, 'utf8')), 'SIGKILL');
    t.is(await redis.get('kept'), 'yes');
  });
  await servers.end('SIGTERM');
});

test('two copies with data folders of their own run side by side', async (t) => {
  const [one, other] = await Promise.all([
    holdServers(t, temporaryFolder(t)),
    holdServers(t, temporaryFolder(t)),
  ]);
  t.not(one.redisTcpUrl, other.redisTcpUrl);
  await withRedis(one.redisUrl, (redis) => redis.set('mine', 'yes'));
  t.is(await withRedis(other.redisUrl, (redis) => redis.get('mine')), null);
  await Promise.all([one.end('SIGTERM'), other.end('SIGTERM')]);
});
