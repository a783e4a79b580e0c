import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { moveSlot } from '../../scripts/lab/faults/cluster/move-slot.ts';
import { rolesOfSlot } from '../../scripts/lab/faults/cluster/roles.ts';
import {
  joinNodes,
  nodesAsSeenBy,
  prepareNodes,
  type RedisNode,
  slotOf,
} from '../../scripts/launcher/cluster/redis-nodes.ts';
import { withRedis } from '../../scripts/launcher/connections.ts';
import { readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import { findRedis } from '../../scripts/launcher/servers/find.ts';
import { rememberedPorts } from '../../scripts/launcher/servers/ports.ts';
import { eraseData, newSecret } from '../../scripts/launcher/servers/servers.ts';
import { makeTemporaryFolder } from '../../scripts/launcher/servers/temporary-folder.ts';
import { until } from '../support/until.ts';

const shard = 'main';
const { state, orders } = shardKeys(shard);
/** More than one step moves. */
const others = Array.from({ length: 250 }, (_, i) => `{${shard}}:oid:1:${i}`);

/** Three primaries with their replicas, and a shard's keys on one of them. */
async function startCluster(t: ExecutionContext) {
  const dataDir = makeTemporaryFolder('move-slot-test');
  t.teardown(() => eraseData(dataDir));
  const programs = findRedis(readEnvironment())!;
  const redis = await prepareNodes({
    ...{ dataDir, programs, secret: newSecret(), ports: rememberedPorts(dataDir) },
  });
  const started = await Promise.all(redis.map(({ launch }) => launch()));
  t.teardown(() => Promise.all(started.map(({ stop }) => stop())));
  const kill = (id: string): Promise<unknown> => {
    const { child, exited } = started[redis.findIndex((node) => node.id === id)]!;
    child.kill('SIGKILL');
    return exited;
  };
  const revive = async (node: RedisNode): Promise<void> => {
    const { stop, ready } = await node.launch();
    t.teardown(stop);
    await ready;
  };
  await Promise.all(started.map(({ ready }) => ready));
  await joinNodes(redis);
  const slot = await withRedis(redis[0]!.ownUrl, (node) => slotOf(node, shard));
  const beside = slot < 8_192 ? 16_383 : 0;
  const on = async <T>(ofSlot: number, use: (node: Redis) => Promise<T>): Promise<T> =>
    withRedis((await rolesOfSlot({ arrangement: { redis } }, ofSlot)).primary.ownUrl, use);
  await on(slot, async (node) => {
    await node.hset(state, { sequence: 7, matched: 7, persisted: 5 });
    await node.hset(orders, '3', 'an order');
    for (const key of others) await node.set(key, 7);
    await node.wait(1, 5_000);
  });
  const rolesOf = (ofSlot: number) => rolesOfSlot({ arrangement: { redis } }, ofSlot);
  const move = () =>
    moveSlot({
      ...{ shard, slot },
      giver: async () => (await rolesOf(slot)).primary,
      taker: async () => (await rolesOf(beside)).primary,
    });
  return { slot, beside, on, rolesOf, move, kill, revive };
}

type Cluster = Awaited<ReturnType<typeof startCluster>>;

const nameOf = async (node: Redis): Promise<string> =>
  (await nodesAsSeenBy(node)).find(({ isMyself }) => isMyself)!.name;

/** All of it is at the new place, nothing at the old one, and no node thinks that it still moves. */
async function assertMoved(t: ExecutionContext, { slot, beside, on, rolesOf }: Cluster, from: Redis) {
  t.is((await rolesOf(slot)).primary.id, (await rolesOf(beside)).primary.id);
  await on(slot, async (node) => {
    t.deepEqual(await node.hgetall(state), { sequence: '7', matched: '7', persisted: '5' });
    t.is(await node.call('CLUSTER', 'COUNTKEYSINSLOT', slot), others.length + 2);
    t.notRegex(String(await node.call('CLUSTER', 'NODES')), /\[/);
  });
  t.is(await from.call('CLUSTER', 'COUNTKEYSINSLOT', slot), 0);
}

test('a slot is moved to a primary that has not heard yet of the failover of the one that has it', async (t) => {
  t.timeout(120_000);
  const cluster = await startCluster(t);
  const { slot, beside, on, rolesOf, move } = cluster;
  // What it comes to when the former owner becomes a replica while the slot is imported from another.
  const giver = await on(slot, nameOf);
  await on(beside, async (node) => {
    await node.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', giver);
    await node.call('CLUSTER', 'DELSLOTS', slot);
  });
  const { primary } = await rolesOf(slot);
  await move();
  await withRedis(primary.ownUrl, (from) => assertMoved(t, cluster, from));
});

test('a move that a failover of the giver interrupts is brought to its end', async (t) => {
  t.timeout(120_000);
  const cluster = await startCluster(t);
  const { slot, beside, on, rolesOf, move } = cluster;
  const { primary, replica } = await rolesOf(slot);
  const { ownUrl } = (await rolesOf(beside)).primary;
  const { hostname, port, password } = new URL(ownUrl);
  const [giver, taker] = [await on(slot, nameOf), await on(beside, nameOf)];
  await on(beside, (node) => node.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', giver));
  await on(slot, async (node) => {
    await node.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', taker);
    const login = ['REPLACE', 'AUTH2', 'default', password];
    await node.call('MIGRATE', hostname, port, '', 0, 5_000, ...login, 'KEYS', state, others[0]!);
    await node.ping();
    await node.wait(1, 5_000);
  });
  await withRedis(replica!.ownUrl, async (node) => {
    await node.call('CLUSTER', 'FAILOVER', 'TAKEOVER');
    await until(async () => (await rolesOf(slot)).primary.id !== primary.id);
    // As the writer does, which nobody tells to come again; once the former primary is its replica.
    await until(() =>
      node.hset(state, 'persisted', 4).then(
        () => true,
        () => false,
      ),
    );
    await move();
    await assertMoved(t, cluster, node);
  });
});

const movesNow = async (node: Redis): Promise<boolean> =>
  String(await node.call('CLUSTER', 'NODES')).includes('[');

test('a move does not begin while the primary that is to take the slot lacks its replica', async (t) => {
  t.timeout(120_000);
  const cluster = await startCluster(t);
  const { slot, beside, rolesOf, move, kill, revive } = cluster;
  const { replica } = await rolesOf(beside);
  await withRedis((await rolesOf(slot)).primary.ownUrl, async (from) => {
    await kill(replica!.id);
    const moving = move();
    const looks: boolean[] = [];
    for (let i = 0; i < 20; i++) {
      looks.push(await movesNow(from));
      await sleep(100);
    }
    await revive(replica!);
    t.false(looks.includes(true), 'the shard goes on meanwhile');
    await moving;
    await assertMoved(t, cluster, from);
  });
});
