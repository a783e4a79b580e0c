import { Agent } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { sleep } from '../../../core/lifecycle.ts';
import { issueToken } from '../../../sql/tokens.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { sendBy } from '../../support/http.ts';
import { scrape } from '../../support/metrics.ts';
import { linesThat, lineWith, type Started, stopProcess } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

async function start(
  t: ExecutionContext,
  env: NodeJS.ProcessEnv,
): Promise<{ exchange: Exchange; api: Started }> {
  const exchange = await startExchange({ env });
  t.teardown(exchange.stop);
  return { exchange, api: exchange.processes.api[0]! };
}

const pidsOf = (api: Started): number[] => linesThat('listening', api).map(({ pid }) => pid);
const rolls = (api: Started): number => linesThat('all workers are replaced', api).length;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const order = JSON.stringify({ product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' });

test.serial('a roll under load breaks no request, loses no answer, and replaces every worker', async (t) => {
  const { exchange, api } = await start(t, { API_WORKERS: '2' });
  const token = await issueToken(exchange.databaseUrl, { traderId: 1 });
  const accepted = async () => Number(await exchange.redis.hget(`{${exchange.shard}}:state`, 'sequence'));
  const before = await accepted();
  const [busy, pausing, fresh] = [
    Array.from({ length: 8 }, () => ({ pauseMs: 0, keepAlive: true })),
    Array.from({ length: 8 }, (_, i) => ({ pauseMs: 50 + 40 * i, keepAlive: true })),
    Array.from({ length: 4 }, () => ({ pauseMs: 0, keepAlive: false })),
  ];
  const statuses: number[] = [];
  const failures: string[] = [];
  let isOver = false;
  const clients = [...busy, ...pausing, ...fresh].map(async ({ pauseMs, keepAlive }) => {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (!isOver) {
      await sendBy(`${exchange.baseUrl}/orders`, { method: 'POST', token, body: order, agent }).then(
        ({ status }) => statuses.push(status),
        (error) => failures.push(String(error)),
      );
      await sleep(pauseMs);
    }
    agent.destroy();
  });
  await until(() => statuses.length > 300);
  api.child.kill('SIGHUP');
  await until(() => rolls(api) === 1);
  const soFar = statuses.length;
  await until(() => statuses.length > soFar + 300);
  isOver = true;
  await Promise.all(clients);

  t.deepEqual(failures, []);
  t.deepEqual([...new Set(statuses)], [200]);
  t.is(await accepted(), before + statuses.length);
  const pids = pidsOf(api);
  t.is(new Set(pids).size, 4);
  t.deepEqual(pids.map(isAlive), [false, false, true, true]);
  const { value } = await scrape(exchange.baseUrl);
  const labels = { method: 'POST', route: '/orders', status: '200' };
  t.is(
    value('cardstock_http_request_duration_seconds_count', labels),
    statuses.length,
    'what the old workers counted included',
  );
});

test.serial('a connection that rests can be used once more, and is then closed', async (t) => {
  const { exchange, api } = await start(t, { API_WORKERS: '2' });
  const agents = Array.from({ length: 4 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  t.teardown(() => {
    for (const agent of agents) agent.destroy();
  });
  const ask = () =>
    Promise.all(agents.map((agent) => sendBy(`${exchange.baseUrl}/health/ready`, { token: null, agent })));
  await ask();
  api.child.kill('SIGHUP');
  await until(() => pidsOf(api).length === 3);
  await sleep(500);
  const kept = (await ask()).map(({ onKeptConnection }) => onKeptConnection);
  t.deepEqual(kept, [true, true, true, true]);
  const fresh = new Set<number>();
  await until(async () => {
    for (const [i, { status, onKeptConnection }] of (await ask()).entries()) {
      t.is(status, 200);
      if (!onKeptConnection) fresh.add(i);
    }
    return rolls(api) > 0;
  });
  t.is(fresh.size, 4);
});

test.serial('workers that die during a roll are replaced, young and old', async (t) => {
  const { exchange, api } = await start(t, { API_WORKERS: '2' });
  const old = pidsOf(api);
  api.child.kill('SIGHUP');
  const isYoung = (line: string) => line.includes('market data built') && !old.includes(JSON.parse(line).pid);
  await until(() => api.lines.some(isYoung));
  process.kill(JSON.parse(api.lines.find(isYoung)!).pid, 'SIGKILL');
  process.kill(old[1]!, 'SIGKILL');
  await until(() => rolls(api) === 1);
  t.deepEqual(old.map(isAlive), [false, false]);
  t.is(pidsOf(api).filter(isAlive).length, 2);
  t.is((await exchange.anonymous.get('/health/ready')).status, 200);
});

test.serial('a worker that hangs is replaced too', async (t) => {
  const { api } = await start(t, { API_WORKERS: '2', SHUTDOWN_GRACE_MS: '100' });
  const old = pidsOf(api);
  process.kill(old[0]!, 'SIGSTOP');
  api.child.kill('SIGHUP');
  await until(() => rolls(api) === 1);
  t.deepEqual(old.map(isAlive), [false, false]);
  t.is(pidsOf(api).filter(isAlive).length, 2);
});

test.serial('asked again during a roll, it rolls once more and not twice', async (t) => {
  const { api } = await start(t, { API_WORKERS: '2' });
  api.child.kill('SIGHUP');
  await until(() => pidsOf(api).length === 3);
  for (let i = 0; i < 3; i++) {
    api.child.kill('SIGHUP');
    await sleep(20);
  }
  await until(() => rolls(api) === 2);
  await sleep(1_000);
  t.is(rolls(api), 2);
  t.is(pidsOf(api).length, 6);
  t.deepEqual(pidsOf(api).map(isAlive), [false, false, false, false, true, true]);
});

test.serial('told to stop during a roll, everything ends', async (t) => {
  const { exchange, api } = await start(t, { API_WORKERS: '2', SHUTDOWN_GRACE_MS: '60000' });
  // A connection that rests holds its worker for as long as nobody hurries.
  const agents = Array.from({ length: 4 }, () => new Agent({ keepAlive: true }));
  for (const agent of agents) await sendBy(`${exchange.baseUrl}/time`, { token: null, agent });
  api.child.kill('SIGHUP');
  await until(() => pidsOf(api).length === 3);
  await stopProcess(api);
  t.is(api.child.exitCode, 0);
  t.deepEqual(pidsOf(api).map(isAlive), [false, false, false]);
  t.is(rolls(api), 0);
});

test.serial('a single process has nothing to roll, says so, and goes on', async (t) => {
  const { exchange, api } = await start(t, { API_WORKERS: '1' });
  api.child.kill('SIGHUP');
  t.truthy(await lineWith(api, 'there are no workers to replace'));
  t.is((await exchange.anonymous.get('/health/ready')).status, 200);
  t.is(api.child.exitCode, null);
});
