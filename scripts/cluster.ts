// Starts an exchange that survives the loss of any of its machines, all of them as processes of this one.
//
// Why: whoever wants to know what is lost when a machine dies must be able to kill one, and look.
//
// Usage: npm run cluster     (--help tells what it starts)

import { command, main } from './console/command.ts';
import { checkPort } from './launcher/address.ts';
import { runAttended } from './launcher/attended.ts';
import {
  type Arrangement,
  findClusterPrograms,
  type Part,
  prepareArrangement,
  startArrangement,
} from './launcher/cluster/arrangement.ts';
import { clusterBanner } from './launcher/cluster/banner.ts';
import { nodesAsSeenBy, slotOf } from './launcher/cluster/redis-nodes.ts';
import { secondShard } from './launcher/cluster/second-shard.ts';
import { withRedis } from './launcher/connections.ts';
import { removeDemo, writeDemo } from './launcher/demo.ts';
import { createReadiness } from './launcher/readiness.ts';
import { type Environment, projectRoot, readEnvironment } from './launcher/servers/environment.ts';
import { type Claim, claimDataDir } from './launcher/servers/servers.ts';
import { type Supervised, supervise } from './launcher/servers/supervise.ts';

const says = `Starts an exchange on a cluster, to see what becomes of it when parts of it die: six Redis in cluster mode, which choose a new primary
by themselves; PostgreSQL with a synchronous standby; HAProxy before both and before two apis; two shards; two matchers and two
writers that share them. Prints how to kill each. What was killed is started again: a process at once, PostgreSQL after 5 s and
Redis after 10 s, so that its replica takes its place. Ctrl-C or SIGTERM stops all; starting again goes on where it was.

Needs HAProxy and pg_basebackup (apt-get install haproxy postgresql).

Environment:
  PORT              the one address of the exchange                    3080
  HOST              address it listens on                              127.0.0.1
  DATA_DIR          data, logs, tokens, numbers of processes           .data-cluster
  REDIS_SERVER_BIN  redis-server or valkey-server (7.0 or newer) to run
  PG_BIN_DIR        folder with the postgres, initdb and pg_basebackup to run
and the settings of api, matcher and writer (docs/configuration.md), which are passed on.

The other commands find it by its folder: DATA_DIR=.data-cluster npm run audit -- --shard cards2`;

const usualPort = 3_080;
const usualFolder = `${projectRoot}/.data-cluster`;

function log(line: string): void {
  console.log(line);
}

/** `npm start` has other ones, and both may run. */
function environmentOfCluster(): Environment {
  const environment = readEnvironment();
  const { DATA_DIR, PORT } = environment.inherited;
  return {
    ...environment,
    dataDir: DATA_DIR ? environment.dataDir : usualFolder,
    port: PORT ? environment.port : usualPort,
  };
}

type Exchange = {
  readonly stopping: AbortController;
  claim?: Claim;
  /** In the order in which they started. */
  readonly parts: { readonly id: string; readonly supervised: Supervised }[];
};

/** A Redis stays away until its replica has its place; whoever wants the standby of PostgreSQL to take over has a moment for it. */
const restartAfterMs = (id: string): number => {
  if (id.startsWith('redis')) return 10_000;
  return id.startsWith('postgres') ? 5_000 : 500;
};

async function startInto(exchange: Exchange, environment: Environment): Promise<void> {
  const { dataDir, host, port, inherited } = environment;
  findClusterPrograms(environment);
  exchange.claim = claimDataDir(dataDir);
  removeDemo(dataDir);
  await checkPort(environment, 'npm run cluster');
  const usual = { DEMO_LOGIN: 'on', RATE_LIMITS: 'off', TRUSTED_PROXIES: 'loopback' };
  const env = (): NodeJS.ProcessEnv => ({ ...usual, ...inherited, DATA_DIR: dataDir });
  const arrangement = await prepareArrangement({ dataDir, host, port, environment, env, log });
  const { onChange, ask } = createReadiness(dataDir);
  const keep = async ({ id, launch }: Part): Promise<void> => {
    exchange.stopping.signal.throwIfAborted();
    const supervised = supervise({ name: id, launch, log, onChange, restartAfterMs: restartAfterMs(id) });
    exchange.parts.push({ id, supervised });
    await supervised.ready;
  };
  await startArrangement(arrangement, keep, log);
  exchange.stopping.signal.throwIfAborted();
  const demo = await writeDemo({ dataDir, ...addressesOf(arrangement) });
  ask(`${demo.baseUrl}/health/ready`, exchange.stopping.signal);
  log(clusterBanner({ demo, arrangement, ...(await viewOf(arrangement)) }));
}

function addressesOf({ baseUrl, redisUrl, databaseUrl, processes }: Arrangement) {
  const metricsUrls = Object.fromEntries(
    processes.map(({ id, port }) => [id, `http://127.0.0.1:${port}/metrics`]),
  );
  return { baseUrl, redisUrl, databaseUrl, metricsUrls, grpcAddress: null };
}

async function viewOf({ redis }: Arrangement) {
  return withRedis(redis[0]!.ownUrl, async (client) => {
    const [main, second] = [await slotOf(client, 'main'), await slotOf(client, secondShard)];
    return { nodes: await nodesAsSeenBy(client), slots: { main, [secondShard]: second } };
  });
}

/** Backwards: each one still finds at work what it needs to finish. Those of a kind end together. */
async function stop({ stopping, claim, parts }: Exchange): Promise<void> {
  stopping.abort();
  if (claim) removeDemo(claim.dataDir);
  for (const kind of ['api', 'matcher', 'writer', 'haproxy', 'postgres', 'redis']) {
    const own = parts.filter(({ id }) => id.startsWith(kind));
    await Promise.all(own.map(({ supervised }) => supervised.stop()));
  }
  claim?.release();
}

async function run(environment: Environment): Promise<void> {
  const exchange: Exchange = { stopping: new AbortController(), parts: [] };
  await runAttended({
    start: () => startInto(exchange, environment),
    stop: () => stop(exchange),
    kill: () => {
      for (const { supervised } of exchange.parts) supervised.kill();
    },
    stopping: exchange.stopping.signal,
    stops: 'apis, matchers, writers, then the servers',
    underNpm: environment.underNpm,
  });
}

await main(
  command('npm run cluster', says)
    .usage('')
    .action(() => run(environmentOfCluster())),
  { goesOn: true },
);
