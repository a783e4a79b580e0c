// Six Redis in cluster mode: three primaries, each with a replica that takes its place.

import type { Redis } from 'ioredis';
import { shardKeys } from '../../../core/keys.ts';
import { withEachRedis } from '../connections.ts';
import { StartError } from '../servers/errors.ts';
import type { RedisPrograms } from '../servers/find.ts';
import type { Ports } from '../servers/ports.ts';
import type { Started } from '../servers/process.ts';
import { prepareRedis } from '../servers/redis.ts';
import { makeDataDir } from '../servers/servers.ts';

/** Where the others and the clients reach a node, if not where it listens, and from where it reaches them. */
export type Dress = { readonly port: number; readonly busPort: number; readonly source: string };

export type RedisNode = {
  readonly id: string;
  /** Where it is told to be. */
  readonly port: number;
  readonly busPort: number;
  /** Past everything that may be before it. */
  readonly ownUrl: string;
  readonly launch: () => Promise<Started>;
};

export type NodesOptions = {
  readonly dataDir: string;
  readonly programs: RedisPrograms;
  readonly secret: string;
  readonly ports: Ports;
  readonly savesMemory?: boolean;
  readonly dress?: (id: string, listens: Pick<Dress, 'port' | 'busPort'>) => Promise<Dress>;
};

const primaries = 3;
const nodes = 2 * primaries;
const slots = 16_384;

/** A node that is away for so long is given up by the others, and its replica is chosen. */
export const nodeTimeoutMs = 2_000;

/** So that six fit on one machine beside all the others. */
const megabytes = 256;
const clusterSettings = [
  'cluster-enabled yes',
  `cluster-node-timeout ${nodeTimeoutMs}`,
  // A shard that is lost takes no other along.
  'cluster-require-full-coverage no',
  // Each shard keeps its replica: one that is moved to another primary leaves its own alone.
  'cluster-allow-replica-migration no',
  // As MIN_REPLICAS: a primary without its replica takes nothing, rather than what may be lost.
  'min-replicas-to-write 1',
  'repl-diskless-sync-delay 0',
  'repl-timeout 10',
  'repl-ping-replica-period 1',
];

export async function prepareNodes(options: NodesOptions): Promise<RedisNode[]> {
  const prepared: RedisNode[] = [];
  for (let number = 1; number <= nodes; number++)
    prepared.push(await prepareNode(`redis-${number}`, options));
  return prepared;
}

async function prepareNode(
  id: string,
  { dataDir, programs, secret, ports, savesMemory = true, dress }: NodesOptions,
): Promise<RedisNode> {
  const folder = `${dataDir}/${id}`;
  makeDataDir(folder);
  const listens = { port: await ports.pick(id), busPort: await ports.pick(`${id} bus`) };
  const worn = await dress?.(id, listens);
  const more = [
    ...clusterSettings,
    ...(savesMemory ? [`maxmemory ${megabytes}mb`] : []),
    ...[`masterauth ${secret}`, `cluster-port ${listens.busPort}`],
    ...(worn
      ? [
          `cluster-announce-port ${worn.port}`,
          `cluster-announce-bus-port ${worn.busPort}`,
          `bind-source-addr ${worn.source}`,
          'cluster-announce-ip 127.0.0.1',
        ]
      : []),
  ];
  const { tcpUrl, launch } = prepareRedis({
    ...{ dataDir: folder, programs, secret, port: listens.port, more },
  });
  return {
    id,
    launch,
    ownUrl: tcpUrl,
    port: worn?.port ?? listens.port,
    busPort: worn?.busPort ?? listens.busPort,
  };
}

/** Every node is asked where the primary of a shard is, one after another. */
export function clusterUrl(all: readonly Pick<RedisNode, 'port'>[], secret: string): string {
  const hosts = all.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return `redis+cluster://default:${secret}@${hosts}`;
}

export type NodeState = {
  readonly name: string;
  readonly port: number;
  readonly isPrimary: boolean;
  readonly isMyself: boolean;
  readonly isSound: boolean;
  /** Higher the later it was chosen. */
  readonly epoch: number;
  /** Whose replica it is, or `-`. */
  readonly primary: string;
  readonly ranges: readonly (readonly [from: number, to: number])[];
};

/** What a node says of all. */
export async function nodesAsSeenBy(node: Redis): Promise<NodeState[]> {
  const text = String(await node.call('CLUSTER', 'NODES'));
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [name, address, flags, primary, , , epoch, link, ...ranges] = line.split(' ');
      const all = flags!.split(',');
      return {
        ...{
          name: name!,
          port: Number(/:(\d+)@/.exec(address!)?.[1]),
          primary: primary!,
          epoch: Number(epoch),
        },
        // What moves at the moment is in brackets.
        ranges: ranges.filter((range) => !range.startsWith('[')).map(parseRange),
        ...{ isPrimary: all.includes('master'), isMyself: all.includes('myself') },
        isSound: link === 'connected' && !all.some((flag) => /fail|handshake|noaddr/.test(flag)),
      };
    });
}

/** `0-5460`, or a single slot. */
function parseRange(text: string): readonly [number, number] {
  const [from, to] = text.split('-').map(Number);
  return [from!, to ?? from!];
}

/** The slot of a shard's keys. */
export async function slotOf(node: Redis, shard: string): Promise<number> {
  return Number(await node.call('CLUSTER', 'KEYSLOT', shardKeys(shard).state));
}

/** The port of the primary of a shard, as a node sees it. */
export async function slotOwner(node: Redis, shard: string): Promise<number> {
  const slot = await slotOf(node, shard);
  return (await nodesAsSeenBy(node)).find((one) => one.isPrimary && serves(one, slot))!.port;
}

export function serves({ ranges }: NodeState, slot: number): boolean {
  return ranges.some(([from, to]) => from <= slot && slot <= to);
}

const patienceMs = 60_000;
const pollMs = 100;

/** A replica that is just given all data anew refuses to answer. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadline)
      throw new StartError(
        `The Redis Cluster does not come together: ${what} within ${patienceMs / 1_000} s.`,
      );
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Joins nodes that are at work, each time: one whose port has changed is found again. Each step is left out where it is done. */
export function joinNodes(all: readonly RedisNode[]): Promise<void> {
  const urls = all.map(({ ownUrl }) => ownUrl);
  return withEachRedis(urls, async (clients) => {
    const [first] = clients;
    await until('all are introduced', async () => {
      for (const { port, busPort } of all.slice(1))
        await first!.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
      return true;
    });
    await eachSees(
      clients,
      'every node knows all others',
      (states) => states.length === nodes && states.every(isSound),
    );
    if (!(await hasSlots(first!))) await giveSlots(clients);
    await eachSees(
      clients,
      'every slot is served',
      (states) => states.filter(hasRanges).length === primaries,
    );
    await until('each primary is given a replica', () => giveReplicas(clients));
    await eachSees(clients, 'every primary has a replica', isWhole);
    for (const client of clients) await until('a replica is in step', () => isInStep(client));
    for (const client of clients) await until('a node takes writes', () => isUp(client));
  });
}

const isSound = ({ isSound }: NodeState): boolean => isSound;
const hasRanges = ({ ranges }: NodeState): boolean => ranges.length > 0;

function eachSees(
  clients: readonly Redis[],
  what: string,
  isSo: (states: readonly NodeState[]) => boolean,
): Promise<void> {
  return until(what, async () => (await Promise.all(clients.map(nodesAsSeenBy))).every(isSo));
}

async function hasSlots(client: Redis): Promise<boolean> {
  return (await nodesAsSeenBy(client)).some(hasRanges);
}

async function giveSlots(clients: readonly Redis[]): Promise<void> {
  for (let i = 0; i < primaries; i++) {
    const [from, to] = [i, i + 1].map((part) => Math.floor((slots * part) / primaries));
    await clients[i]!.call('CLUSTER', 'ADDSLOTSRANGE', from!, to! - 1);
  }
}

/** Those that have no slots, one for each that has: after a failover others than at first. */
async function giveReplicas(clients: readonly Redis[]): Promise<boolean> {
  const states = await nodesAsSeenBy(clients[0]!);
  const lacking = states.filter(
    (one) => one.isPrimary && hasRanges(one) && !states.some(({ primary }) => primary === one.name),
  );
  for (const client of clients) {
    const own = (await nodesAsSeenBy(client)).find(({ isMyself }) => isMyself)!;
    if (!own.isPrimary || hasRanges(own)) continue;
    const primary = lacking.pop();
    if (primary) await client.call('CLUSTER', 'REPLICATE', primary.name);
  }
  return true;
}

function isWhole(states: readonly NodeState[]): boolean {
  return states.filter(({ isPrimary }) => !isPrimary).length === nodes - primaries;
}

/** A primary that has just joined, or has not heard of the others for a while, answers CLUSTERDOWN. */
async function isUp(client: Redis): Promise<boolean> {
  return String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok');
}

async function isInStep(client: Redis): Promise<boolean> {
  const info = await client.info('replication');
  return /role:master/.test(info) ? /connected_slaves:[1-9]/.test(info) : /master_link_status:up/.test(info);
}
