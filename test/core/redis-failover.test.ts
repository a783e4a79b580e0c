import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { createLog } from '../../core/log.ts';
import { connected, connectNow, connectOnce, connectPatiently } from '../../core/redis.ts';
import {
  createSubmit,
  match,
  prepareShard,
  type Submit,
  SubmitError,
  type Taken,
} from '../../matcher/client.ts';
import { openProxy, type TcpProxy } from '../../scripts/lab/faults/proxy.ts';
import { freePort } from '../../scripts/launcher/servers/ports.ts';
import { placeCommand, productCommand } from '../support/commands.ts';
import { generous } from '../support/engine.ts';
import { type RedisServer, startRedisServer } from '../support/redis-servers.ts';
import { until } from '../support/until.ts';

const log = createLog('test', 'silent');
const shard = 'main';
const { state, commands } = shardKeys(shard);

async function proxyTo(t: ExecutionContext, port: number): Promise<TcpProxy> {
  const proxy = await openProxy({ host: '127.0.0.1', port });
  t.teardown(() => proxy.close());
  return proxy;
}

async function startSentinel(t: ExecutionContext, masterPort: number): Promise<RedisServer> {
  return startRedisServer(t, {
    sentinel: true,
    config: [
      `sentinel monitor cards 127.0.0.1 ${masterPort} 1`,
      'sentinel down-after-milliseconds cards 500',
      'sentinel failover-timeout cards 3000',
    ],
  });
}

async function startNode(t: ExecutionContext, announced?: TcpProxy): Promise<RedisServer> {
  const config = [
    'cluster-enabled yes',
    `cluster-port ${await freePort()}`,
    'cluster-node-timeout 1000',
    'cluster-require-full-coverage no',
    ...(announced ? [`cluster-announce-port ${announced.port}`] : []),
  ];
  return startRedisServer(t, { config });
}

/** Opens a connection that a test's end closes. */
async function open(t: ExecutionContext, url: string): Promise<Redis> {
  const redis = await connected(connectOnce(url, log, { shard, timeoutMs: 1_000 }));
  t.teardown(() => redis.disconnect());
  return redis;
}

/** Submits until an order is taken; throws unless each refusal says for certain that it was not. */
async function taken(submit: Submit): Promise<Taken> {
  for (;;) {
    try {
      return (await submit([placeCommand({ price: 4 })]))[0]!;
    } catch (error) {
      if (!(error instanceof SubmitError) || !error.certain) throw error;
      await wait(20);
    }
  }
}

type Reached = { readonly url: string; readonly server: Redis; readonly proxy: TcpProxy };

const ways: Record<string, (t: ExecutionContext) => Promise<Reached>> = {
  'an address': async (t) => {
    const server = await startRedisServer(t);
    const proxy = await proxyTo(t, server.port);
    return { url: `redis://127.0.0.1:${proxy.port}`, server: server.client, proxy };
  },
  sentinels: async (t) => {
    const server = await startRedisServer(t);
    const proxy = await proxyTo(t, server.port);
    const sentinel = await startSentinel(t, proxy.port);
    return { url: `redis+sentinel://127.0.0.1:${sentinel.port}/cards`, server: server.client, proxy };
  },
  'a cluster': async (t) => {
    // The port that it announces must be known before it listens.
    const port = await freePort();
    const proxy = await proxyTo(t, port);
    const server = await startRedisServer(t, {
      port,
      config: [
        ...['cluster-enabled yes', 'cluster-require-full-coverage no', `cluster-port ${await freePort()}`],
        `cluster-announce-port ${proxy.port}`,
      ],
    });
    await server.client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await until(async () => (await info(server.client)).includes('cluster_state:ok'));
    return { url: `redis+cluster://127.0.0.1:${port}`, server: server.client, proxy };
  },
};

async function info(node: Redis): Promise<string> {
  return String(await node.call('CLUSTER', 'INFO'));
}

for (const [way, reach] of Object.entries(ways))
  test(`through ${way} an order is taken once, at whichever byte of the answer the connection breaks`, async (t) => {
    const { url, server, proxy } = await reach(t);
    const once = await open(t, url);
    await prepareShard(once, shard, 40);
    const submit = createSubmit(once, shard, generous);
    await submit([placeCommand()]);
    const answer = '*1\r\n:42\r'; // that is enough for ioredis: the last byte says nothing
    for (let bytes = 0; bytes < answer.length; bytes++) {
      const sprung = proxy.spring(
        { pattern: 'evalsha', loses: 'answer', breaksAfter: bytes },
        AbortSignal.timeout(10_000),
      );
      const error = await t.throwsAsync(submit([placeCommand()]), { instanceOf: SubmitError });
      t.false(error.certain, `after ${bytes} bytes`);
      await sprung;
      await connected(once);
    }
    await taken(submit);
    t.is(await server.hget(state, 'sequence'), String(40 + answer.length + 2));
    t.is(await server.xlen(commands), answer.length + 2);
  });

test('after a failover by a sentinel every kind of connection goes on with the new primary', async (t) => {
  const primary = await startRedisServer(t);
  const replica = await startRedisServer(t, { config: [`replicaof 127.0.0.1 ${primary.port}`] });
  const sentinel = await startSentinel(t, primary.port);
  const url = `redis+sentinel://127.0.0.1:1,127.0.0.1:${sentinel.port}/cards`; // the first of them is not there
  const once = await open(t, url);
  const patient = connectPatiently(url, log, { shard, timeoutMs: 1_000 });
  t.teardown(() => patient.disconnect());
  await prepareShard(once, shard, 0);
  const submit = createSubmit(once, shard, generous);
  await submit([placeCommand()]);
  await once.wait(1, 1_000);
  await until(async () => {
    const known = (await sentinel.client.call('SENTINEL', 'REPLICAS', 'cards')) as unknown[];
    return known.length === 1;
  });
  const read = patient.xread('BLOCK', 500, 'STREAMS', commands, '0-1');
  await primary.kill();
  t.is((await taken(submit)).sequence, 2);
  await read.catch(() => {});
  t.is(await patient.hget(state, 'sequence'), '2');
  t.is(await replica.client.xlen(commands), 2);
});

test('a primary that is demoted and keeps its connections is left for the new one; what it refused was not taken', async (t) => {
  const primary = await startRedisServer(t);
  const replica = await startRedisServer(t, { config: [`replicaof 127.0.0.1 ${primary.port}`] });
  const proxy = await openProxy({ host: '127.0.0.1', port: primary.port });
  t.teardown(() => proxy.close());
  const once = await open(t, `redis://127.0.0.1:${proxy.port}`);
  await prepareShard(once, shard, 0);
  const submit = createSubmit(once, shard, generous);
  await submit([placeCommand()]);
  await once.wait(1, 1_000);
  await replica.client.replicaof('NO', 'ONE');
  await primary.client.replicaof('127.0.0.1', replica.port);
  proxy.aim(replica.port);
  const error = await t.throwsAsync(submit([placeCommand()]), {
    instanceOf: SubmitError,
    message: /^READONLY/,
  });
  t.true(error.certain);
  t.is((await taken(submit)).sequence, 2);
  t.is(await replica.client.xlen(commands), 2);
});

test('a slot that moves to another node of a cluster takes its shard along', async (t) => {
  const nodes = [await startNode(t), await startNode(t)] as const;
  const [here, there] = nodes.map(({ client }) => client) as [Redis, Redis];
  const bus = Number(((await there.config('GET', 'cluster-port')) as string[])[1]);
  await here.call('CLUSTER', 'MEET', '127.0.0.1', String(nodes[1].port), String(bus));
  await here.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  for (const node of [here, there])
    await until(async () => (await info(node)).includes('cluster_known_nodes:2'));
  for (const node of [here, there]) await until(async () => (await info(node)).includes('cluster_state:ok'));
  const url = `redis+cluster://127.0.0.1:${nodes[1].port}`;
  const once = await open(t, url);
  await prepareShard(once, shard, 0);
  const submit = createSubmit(once, shard, generous);
  await submit([productCommand(), placeCommand({ price: 5 })]);
  await match(once, shard, 10);

  const slot = String(await here.call('CLUSTER', 'KEYSLOT', state));
  const ids = [await here.call('CLUSTER', 'MYID'), await there.call('CLUSTER', 'MYID')].map(String);
  await there.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[0]!);
  await here.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[1]!);
  const keys = (await here.call('CLUSTER', 'GETKEYSINSLOT', slot, '100')) as string[];
  const [first, ...rest] = keys.sort((a, b) => Number(b === state) - Number(a === state));
  await here.migrate('127.0.0.1', nodes[1].port, '', 0, 5_000, 'KEYS', first!);
  await t.throwsAsync(submit([placeCommand()]), { message: /^TRYAGAIN/ }, 'in the middle of the move');
  await here.migrate('127.0.0.1', nodes[1].port, '', 0, 5_000, 'KEYS', ...rest);
  for (const node of [there, here]) await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[1]!);

  const error = await t.throwsAsync(submit([placeCommand()]), { instanceOf: SubmitError, message: /^MOVED/ });
  t.true(error.certain);
  t.is((await taken(submit)).sequence, 3);
  await match(once, shard, 10);
  t.is(await there.hlen(shardKeys(shard).orders), 2);
});

test('a tool says where it looked for the primary, and gives up in time', async (t) => {
  const server = await startRedisServer(t, {
    sentinel: true,
    config: [],
  });
  const before = performance.now();
  const url = `redis+sentinel://127.0.0.1:${server.port}/cards`;
  await t.throwsAsync(connectNow(url), { message: /closed|watches no master cards/ });
  t.true(performance.now() - before < 5_000);
});

test('a tool waits for a Redis that hangs no longer than for an answer', async (t) => {
  const server = await startRedisServer(t);
  server.signal('SIGSTOP');
  const before = performance.now();
  const connecting = connectNow(`redis://127.0.0.1:${server.port}`, { timeoutMs: 300 });
  await t.throwsAsync(connecting, { message: /not answered within 300 ms|timed out/ });
  t.true(performance.now() - before < 1_800);
});

test('a node that is slow to say where the primary is is heard all the same', async (t) => {
  const config = ['cluster-enabled yes', `cluster-port ${await freePort()}`];
  const server = await startRedisServer(t, { config });
  await server.client.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  await until(async () => (await info(server.client)).includes('cluster_state:ok'));
  const slow = await proxyTo(t, server.port);
  slow.delay(600);
  const redis = await connectNow(`redis+cluster://127.0.0.1:${slow.port}`);
  t.is(await redis.ping(), 'PONG');
  redis.disconnect();
});
