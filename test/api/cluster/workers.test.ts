import { Agent } from 'node:http';
import test from 'ava';
import { issueToken } from '../../../sql/tokens.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { type How, type Sent, sendBy } from '../../support/http.ts';
import { stopProcess } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange({ env: { API_WORKERS: '2' } });
});
test.after.always(() => exchange?.stop());

/** A connection each is how requests get to any of the workers; `agent` keeps one. */
function send(method: string, path: string, how: How): Promise<Sent> {
  return sendBy(exchange.baseUrl + path, { method, ...how });
}

/** Orders of the first test. */
const alternated = 200;
/** Orders that were answered when the api is told to stop. */
const underLoad = 500;
const stopsWithinMs = 5_000;
/** The products of the seed, which are announced before any order. */
const announced = 5;

const order = JSON.stringify({ product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' });

test.serial(
  `what one worker placed is there when the other is asked at once, ${alternated} times`,
  async (t) => {
    const token = await issueToken(exchange.databaseUrl, { traderId: 1 });
    for (let i = 0; i < alternated; i++) {
      const placed = await send('POST', '/orders', { token, body: order });
      t.is(placed.status, 200);
      const { id } = JSON.parse(placed.text);
      const found = await send('GET', `/orders/${id}`, { token });
      t.is(found.status, 200);
      const listed = await send('GET', '/orders?limit=1', { token });
      t.is(JSON.parse(listed.text)[0].id, id);
    }
    t.is(new Set(exchange.processes.api[0]!.lines.filter((line) => line.includes('listening'))).size, 2);
  },
);

test.serial('a worker that dies is replaced', async (t) => {
  const pids = exchange.processes.api[0]!.lines.filter((line) => line.includes('"msg":"listening"')).map(
    (line) => JSON.parse(line).pid,
  );
  process.kill(pids[0], 'SIGKILL');
  const isBack = () =>
    exchange.processes.api[0]!.lines.filter((line) => line.includes('"msg":"listening"')).length === 3;
  await until(isBack);
  t.is((await exchange.anonymous.get('/health/ready')).status, 200);
});

test.serial('told to stop under load, it answers every request that it took', async (t) => {
  const token = await issueToken(exchange.databaseUrl, { traderId: 2 });
  const agents = Array.from({ length: 20 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const statuses: number[] = [];
  const failures: string[] = [];
  const clients = agents.map(async (agent) => {
    for (;;) {
      try {
        const { status } = await send('POST', '/orders', { token, body: order, agent });
        statuses.push(status);
      } catch (error) {
        failures.push((error as NodeJS.ErrnoException).code ?? String(error));
        return;
      }
    }
  });
  await until(() => statuses.length >= underLoad);
  const start = Date.now();
  await stopProcess(exchange.processes.api[0]!);
  t.true(Date.now() - start < stopsWithinMs);
  t.is(exchange.processes.api[0]!.child.exitCode, 0);
  await Promise.all(clients);
  t.deepEqual(new Set(statuses), new Set([200]));
  // The kernel resets a connection that it had taken and the server had not. What the server took is counted below.
  t.deepEqual(
    failures.filter((code) => code !== 'ECONNREFUSED' && code !== 'ECONNRESET'),
    [],
  );
  const stored = Number(await exchange.redis.hget(`{${exchange.shard}}:state`, 'sequence'));
  t.is(stored, announced + alternated + statuses.length, 'as many were taken as were answered');
});
