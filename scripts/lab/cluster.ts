// A private exchange on a cluster: the parts that `npm run cluster` starts, with as much memory as those of a plain one.

import { issueToken } from '../../sql/tokens.ts';
import { prepareArrangement, startArrangement } from '../launcher/cluster/arrangement.ts';
import { slotOwner } from '../launcher/cluster/redis-nodes.ts';
import { withRedis } from '../launcher/connections.ts';
import { readEnvironment } from '../launcher/servers/environment.ts';
import type { Log } from '../launcher/servers/log.ts';
import { rememberedPorts } from '../launcher/servers/ports.ts';
import { addShards, type PrivateExchange, pidsIn, privateSettings, processNames } from './exchange.ts';
import type { Group } from './group.ts';
import { withPrivateGroup } from './private-group.ts';

export type ClusterOptions = {
  readonly shards: readonly string[];
  /** How many api, matchers and writers there are of each. */
  readonly each: number;
  readonly log: Log;
};

/** As `withExchange` does. */
export function withCluster<T>(
  use: (exchange: PrivateExchange) => Promise<T>,
  options: ClusterOptions,
): Promise<T> {
  const kinds = [...processNames, 'haproxy', 'postgres', 'redis'];
  const begin = (dataDir: string, group: Group) => start(dataDir, group, options);
  return withPrivateGroup({ name: 'bench-cluster', kinds, start: begin }, use);
}

async function start(
  dataDir: string,
  group: Group,
  { shards, each, log }: ClusterOptions,
): Promise<PrivateExchange> {
  const settings = privateSettings();
  const port = await rememberedPorts(dataDir).pick('address');
  const arrangement = await prepareArrangement({
    ...{ dataDir, port, host: '127.0.0.1', environment: readEnvironment(), log, each },
    ...{ env: () => settings, savesMemory: false },
  });
  await startArrangement(arrangement, async (part) => void (await group.keep(part)), log);
  const { redisUrl, databaseUrl, redis } = arrangement;
  await addShards(databaseUrl, shards);
  const token = await issueToken(databaseUrl, 'operator');
  const owners = await withRedis(redisUrl, (node) =>
    Promise.all(shards.map((shard) => slotOwner(node, shard))),
  );
  const others = redis.filter(({ port }) => !owners.includes(port));
  const [standby] = arrangement.postgres.slice(1);
  return {
    ...{ dataDir, redisUrl, databaseUrl, port, token, shards },
    arrangement: `cluster, with ${each} of api, matcher and writer`,
    otherServers: {
      replicas: others.flatMap(({ id }) => group.pids(id)),
      standby: group.pids(standby!.id),
      haproxy: group.pids('haproxy'),
    },
    broken: group.broken,
    pids: () => pidsIn(group),
    stopProcesses: () => group.stop(processNames),
    restartProcesses: () => group.restart(processNames),
  };
}
