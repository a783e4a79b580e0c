// What the person at the console needs to trade, to kill, and to look what is left.

import { curlOrder } from '../banner.ts';
import type { Demo } from '../demo.ts';
import { shellWord } from '../servers/servers.ts';
import { type Arrangement, pidFile } from './arrangement.ts';
import { type NodeState, serves } from './redis-nodes.ts';
import { secondShard } from './second-shard.ts';

export type ClusterFacts = {
  readonly demo: Demo;
  readonly arrangement: Arrangement;
  readonly nodes: readonly NodeState[];
  /** By shard. */
  readonly slots: Readonly<Record<string, number>>;
};

export function clusterBanner({ demo, arrangement, ...view }: ClusterFacts): string {
  const { dataDir, redis, postgres, processes } = arrangement;
  const holders = demo.traders.map(({ traderId, token }) => `  Trader ${traderId}    Bearer ${token}`);
  const kills = [
    ...processes.map(({ id }) => killOf(dataDir, id, '')),
    killOf(dataDir, 'haproxy', 'all clients wait until it is back'),
    ...redis.map(({ id, port }) => killOf(dataDir, id, roleOf(port, view))),
    ...postgres.map(({ id }, at) => killOf(dataDir, id, at === 0 ? 'the primary' : 'its standby')),
  ];
  const [primary, standby] = postgres;
  return `
Cardstock is open for trading, on a cluster.

  Address     ${demo.baseUrl}      both apis, behind HAProxy
${holders.join('\n')}
  Operator    Bearer ${demo.operator.token}

  Place an order on each shard (trader 2 can buy it: change the token, and "sell" to "buy"):
    ${curlOrder(demo, 'PIKACHU-USD')}
    ${curlOrder(demo, 'EEVEE-USD')}

  Kill what you like; all of it is started again:
${kills.join('\n')}

  Lose the primary PostgreSQL, and let the standby take its place (nobody does this by itself, so that there are never two):
    ${kill(dataDir, primary!.id)}; psql ${shellWord(standby!.url)} -c 'select pg_promote(false)'

  See whether anything is lost:
    DATA_DIR=${shellWord(dataDir)} npm run audit
    DATA_DIR=${shellWord(dataDir)} npm run audit -- --shard ${secondShard}

  All of this for scripts: ${dataDir}/demo.json
  Logs: ${dataDir}/logs, ${dataDir}/*/logs
  Stop with Ctrl-C; nothing is lost, and the next start goes on from here.
`;
}

function kill(dataDir: string, id: string): string {
  return `kill -9 $(cat ${shellWord(pidFile(dataDir, id))})`;
}

function killOf(dataDir: string, id: string, says: string): string {
  const line = `    ${kill(dataDir, id)}`;
  return says === '' ? line : `${line}    # ${says}`;
}

function roleOf(port: number, { nodes, slots }: Pick<ClusterFacts, 'nodes' | 'slots'>): string {
  const own = nodes.find((node) => node.port === port);
  const primary = own?.isPrimary ? own : nodes.find(({ name }) => name === own?.primary);
  const shards = Object.keys(slots).filter((shard) => primary && serves(primary, slots[shard]!));
  return `${own?.isPrimary ? 'primary' : 'replica'} of ${shards.join(', ') || 'no shard'}`;
}
