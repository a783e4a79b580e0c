import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, readlinkSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { requirePrograms } from '../../scripts/launcher/cluster/arrangement.ts';
import { findHaproxy } from '../../scripts/launcher/cluster/haproxy.ts';
import { type NodeState, nodesAsSeenBy, serves, slotOf } from '../../scripts/launcher/cluster/redis-nodes.ts';
import { withRedis } from '../../scripts/launcher/connections.ts';
import { type Demo, readDemo } from '../../scripts/launcher/demo.ts';
import { projectRoot } from '../../scripts/launcher/servers/environment.ts';
import { StartError } from '../../scripts/launcher/servers/errors.ts';
import { freePort } from '../../scripts/launcher/servers/ports.ts';
import { eraseData } from '../../scripts/launcher/servers/servers.ts';
import { makeTemporaryFolder } from '../../scripts/launcher/servers/temporary-folder.ts';
import { audit } from '../../scripts/ops/audit/audit.ts';
import { until } from '../support/until.ts';

const patience = { withinMs: 120_000, pauseMs: 100 };
const products = { main: 'PIKACHU-USD', cards2: 'EEVEE-USD' } as const;
type Shard = keyof typeof products;
const shards = Object.keys(products) as Shard[];

type Running = { readonly child: ChildProcess; readonly said: () => string };

async function startCluster(t: ExecutionContext, dataDir: string): Promise<Running> {
  const env = { ...process.env, DATA_DIR: dataDir, PORT: String(await freePort()), LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, [`${projectRoot}/scripts/cluster.ts`], { env });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece) => {
      said += piece;
    });
  t.teardown(() => stop(child));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(said);
    return readDemo(dataDir) !== undefined;
  }, patience);
  return { child, said: () => said };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Sells and buys until both say that they traded: it is what people do who are told to send it again. */
async function trade({ baseUrl, traders }: Demo, shard: Shard, name: string): Promise<string> {
  const place = async (at: number, side: string): Promise<{ id: string; status: string }> => {
    const order = {
      product_id: products[shard],
      side,
      price: '5.00',
      size: '1',
      client_oid: `${name}-${side}`,
    };
    const response = await fetch(`${baseUrl}/orders`, {
      method: 'POST',
      headers: { authorization: `Bearer ${traders[at]!.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(order),
      signal: AbortSignal.timeout(8_000),
    });
    return (await response.json()) as { id: string; status: string };
  };
  let bought: { id: string; status: string } | undefined;
  for (const [at, side] of ['sell', 'buy'].entries())
    await until(async () => {
      bought = await place(at, side).catch(() => undefined);
      return side === 'sell' ? bought?.id !== undefined : bought?.status === 'done';
    }, patience);
  return bought!.id;
}

const pidOf = (dataDir: string, id: string): number => Number(readFileSync(`${dataDir}/pids/${id}`, 'utf8'));

/** Which of the six is the primary of a shard, as its port says. */
async function primaryOf({ redisUrl }: Demo, dataDir: string, shard: Shard): Promise<string> {
  const [nodes, slot] = await withRedis(
    redisUrl,
    async (redis): Promise<[NodeState[], number]> => [await nodesAsSeenBy(redis), await slotOf(redis, shard)],
    { shard },
  );
  const { port } = nodes.find((node) => node.isPrimary && node.isSound && serves(node, slot))!;
  const ports = JSON.parse(readFileSync(`${dataDir}/ports.json`, 'utf8')) as Record<string, number>;
  return Object.keys(ports).find((id) => ports[id] === port)!;
}

/** Those whose working folder is in there. */
function leftIn(dataDir: string): string[] {
  return globSync('/proc/[0-9]*/cwd').filter((link) => {
    try {
      return readlinkSync(link).startsWith(dataDir);
    } catch {
      return false;
    }
  });
}

const onCluster = findHaproxy() ? test : test.skip;

onCluster(
  'a cluster trades on both shards, also after it lost an api and a primary, and starts again',
  async (t) => {
    t.timeout(400_000);
    const dataDir = makeTemporaryFolder('cluster');
    t.teardown(() => eraseData(dataDir));
    const first = await startCluster(t, dataDir);
    const demo = readDemo(dataDir)!;
    const bought = new Map<string, Shard>();
    for (const shard of shards) bought.set(await trade(demo, shard, `${shard}-before`), shard);

    const lost = await primaryOf(demo, dataDir, 'main');
    process.kill(pidOf(dataDir, 'api-1'), 'SIGKILL');
    process.kill(pidOf(dataDir, lost), 'SIGKILL');
    for (const shard of shards) bought.set(await trade(demo, shard, `${shard}-after`), shard);
    t.not(await primaryOf(demo, dataDir, 'main'), lost);

    for (const shard of shards) {
      const { checks } = await audit({ ...demo, shard, progress: () => {} });
      t.deepEqual(
        Object.values(checks).flatMap((check) => check.first),
        [],
      );
    }
    await stop(first.child);
    t.is(first.child.exitCode, 0, first.said());
    t.deepEqual(leftIn(dataDir), []);

    await startCluster(t, dataDir);
    const again = readDemo(dataDir)!;
    for (const id of bought.keys()) t.is(await statusOf(again, id), 'done');
  },
);

async function statusOf({ baseUrl, operator }: Demo, id: string): Promise<string> {
  let status = '';
  await until(async () => {
    const response = await fetch(`${baseUrl}/orders/${id}?trader_id=2`, {
      headers: { authorization: `Bearer ${operator.token}` },
    });
    ({ status } = (await response.json()) as { status: string });
    return response.ok;
  }, patience);
  return status;
}

test('who lacks a program is told all of them in a sentence', (t) => {
  t.throws(() => requirePrograms({ haproxy: undefined, candidates: [] }), {
    instanceOf: StartError,
    message: /needs HAProxy and a PostgreSQL with pg_basebackup.* apt-get install haproxy postgresql /,
  });
  t.throws(() => requirePrograms({ haproxy: undefined, candidates: [{ bin: '/bin', major: 15 }] }), {
    message: /needs HAProxy, .* apt-get install haproxy /,
  });
});
