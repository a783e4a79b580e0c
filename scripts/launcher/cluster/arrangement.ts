// An exchange on more than one machine, as processes of this one: which parts it has, and how they are started.

import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../../sql/migrate.ts';
import { seed } from '../../../sql/seed.ts';
import { urlOf } from '../address.ts';
import { type ChildOptions, launchChild } from '../child.ts';
import { isReady } from '../readiness.ts';
import { keepSecretsKey } from '../secrets-key.ts';
import type { Environment } from '../servers/environment.ts';
import { StartError } from '../servers/errors.ts';
import { findCopying, findRedis, type PostgresPrograms } from '../servers/find.ts';
import type { Log } from '../servers/log.ts';
import { obtainRedis } from '../servers/obtain.ts';
import { type Ports, rememberedPorts } from '../servers/ports.ts';
import type { Started } from '../servers/process.ts';
import { readSecret } from '../servers/servers.ts';
import { findHaproxy, firstCheckMs, type Haproxy, prepareHaproxy } from './haproxy.ts';
import { isPrimary, makeCheckRole, type PostgresNode, preparePair } from './postgres-pair.ts';
import { clusterUrl, joinNodes, type NodesOptions, prepareNodes, type RedisNode } from './redis-nodes.ts';
import { seedSecondShard } from './second-shard.ts';

/** `launch` hands on what a process warns of, if somebody wants to hear it. */
export type Part = { readonly id: string; readonly launch: (log?: Log) => Promise<Started> };

export type ProcessPart = Part & {
  readonly name: 'api' | 'matcher' | 'writer';
  /** Where it serves requests, or its metrics. */
  readonly port: number;
};

export type Arrangement = {
  readonly dataDir: string;
  readonly redis: readonly RedisNode[];
  /** The one that is to be started first comes first. */
  readonly postgres: readonly PostgresNode[];
  readonly haproxy: Haproxy;
  /** As many of each. */
  readonly processes: readonly ProcessPart[];
  readonly redisUrl: string;
  /** Both through HAProxy. */
  readonly baseUrl: string;
  readonly databaseUrl: string;
};

export type ArrangementOptions = {
  readonly dataDir: string;
  readonly host: string;
  /** The one address of the exchange. */
  readonly port: number;
  readonly environment: Pick<Environment, 'redisServerBin' | 'pgBinDir' | 'path'>;
  /** Of the processes, beside their addresses. */
  readonly env: (id: string) => NodeJS.ProcessEnv;
  readonly log: Log;
  /** How many there are of api, matcher and writer. */
  readonly each?: number;
  /** Whether its servers take little, since one machine has them all; else each takes what one alone would. */
  readonly savesMemory?: boolean;
  readonly dress?: NodesOptions['dress'];
};

type Programs = { readonly haproxy: string; readonly candidates: PostgresPrograms[] };

export function findClusterPrograms(environment: ArrangementOptions['environment']): Programs {
  return requirePrograms({ haproxy: findHaproxy(), candidates: findCopying(environment) });
}

type Found = Omit<Programs, 'haproxy'> & { readonly haproxy: string | undefined };

/** Throws a sentence that names all that is missing. Redis can be obtained without being root; these cannot. */
export function requirePrograms({ haproxy, candidates }: Found): Programs {
  const lacking = [
    ...(haproxy === undefined ? [['HAProxy', 'haproxy']] : []),
    ...(candidates.length === 0 ? [['a PostgreSQL with pg_basebackup', 'postgresql']] : []),
  ];
  if (haproxy !== undefined && lacking.length === 0) return { haproxy, candidates };
  const [names, packages] = [0, 1].map((at) => lacking.map((one) => one[at]));
  throw new StartError(
    `The cluster needs ${names!.join(' and ')}, not found here; install by: apt-get install ${packages!.join(' ')} (macOS: brew install ${packages!.join(' ')}).`,
  );
}

export async function prepareArrangement(options: ArrangementOptions): Promise<Arrangement> {
  const { dataDir, host, port, environment, log, savesMemory = true, dress } = options;
  const { haproxy: bin, candidates } = findClusterPrograms(environment);
  const programs = findRedis(environment) ?? (await obtainRedis(log));
  const [secret, ports] = [readSecret(dataDir), rememberedPorts(dataDir)];
  const redis = await prepareNodes({
    dataDir,
    programs,
    secret,
    ports,
    savesMemory,
    ...(dress ? { dress } : {}),
  });
  const postgres = await preparePair({ dataDir, candidates, secret, ports, log, savesMemory });
  const postgresPort = await ports.pick('postgres');
  const redisUrl = clusterUrl(redis, secret);
  const databaseUrl = `postgresql://cardstock:${secret}@127.0.0.1:${postgresPort}/cardstock`;
  const processes = await prepareProcesses(options, ports, {
    REDIS_URL: redisUrl,
    DATABASE_URL: databaseUrl,
  });
  const apis = processes.filter(({ name }) => name === 'api');
  const haproxy = prepareHaproxy({ bin, dataDir, host, port, apis, postgresPort, postgres: byId(postgres) });
  return { dataDir, redis, postgres, haproxy, processes, redisUrl, baseUrl: urlOf(host, port), databaseUrl };
}

function byId(nodes: readonly PostgresNode[]): PostgresNode[] {
  return nodes.toSorted((one, other) => one.id.localeCompare(other.id));
}

/** Whoever kills servers knows it; that each process misses them several times a second is in its log. */
function saysNothing(): void {}

/** In the order in which they stop: each one still finds at work what it needs to finish. */
const kinds: { name: ProcessPart['name']; graceMs: number }[] = [
  { name: 'api', graceMs: 20_000 },
  { name: 'matcher', graceMs: 20_000 },
  { name: 'writer', graceMs: 60_000 },
];

async function prepareProcesses(
  { dataDir, env, each = 2 }: ArrangementOptions,
  ports: Ports,
  urls: NodeJS.ProcessEnv,
): Promise<ProcessPart[]> {
  const SECRETS_KEY = keepSecretsKey(dataDir);
  const processes: ProcessPart[] = [];
  for (const { name, graceMs } of kinds)
    for (let number = 1; number <= each; number++) {
      const id = `${name}-${number}`;
      const port = await ports.pick(id);
      const own = {
        ...{ SECRETS_KEY, ...env(id), ...urls, HOST: '127.0.0.1', SHARD: '*', MIN_REPLICAS: '1' },
        ...{ GRPC_PORT: 'off', NOTIFIER_METRICS_PORT: 'off' },
        ...{ PORT: String(port), MATCHER_METRICS_PORT: String(port), WRITER_METRICS_PORT: String(port) },
      };
      const options: Omit<ChildOptions, 'log'> = { name, id, dataDir, graceMs, env: own };
      processes.push({ id, name, port, launch: (log = saysNothing) => launchChild({ ...options, log }) });
    }
  return processes;
}

/** Holds the number of the process that a part is now. */
export function pidFile(dataDir: string, id: string): string {
  return `${dataDir}/pids/${id}`;
}

/** Resolves once it is of use, and answers for it from then on. */
export type Keep = (part: Part) => Promise<void>;

/** Starts all parts, those first on which others stand. */
export async function startArrangement(arrangement: Arrangement, keep: Keep, log: Log): Promise<void> {
  const { dataDir, redis, postgres, haproxy, processes, baseUrl, databaseUrl } = arrangement;
  mkdirSync(`${dataDir}/pids`, { recursive: true });
  const start = ({ id, launch }: Part): Promise<void> =>
    keep({
      id,
      launch: async (log) => {
        const started = await launch(log);
        writeFileSync(pidFile(dataDir, id), `${started.child.pid}\n`);
        return started;
      },
    });
  log('Starting six Redis, and joining them to a cluster.');
  await Promise.all(redis.map(start));
  await joinNodes(redis);
  log('Starting PostgreSQL, its standby, and HAProxy.');
  for (const node of postgres) await start(node);
  await makeCheckRole(postgres[0]!.url);
  await start(haproxy);
  await untilFound('primary of PostgreSQL that stays', () => isPrimary(databaseUrl, firstCheckMs));
  const applied = await migrate(databaseUrl);
  if (applied.length > 0) log(`Migrated the database: ${applied.join(', ')}.`);
  await seed(databaseUrl);
  await seedSecondShard(databaseUrl);
  log('Starting apis, matchers and writers.');
  await Promise.all(processes.map(start));
  await untilFound('api that is ready', () => isReady(`${baseUrl}/health/ready`));
}

const patienceMs = 60_000;
const pollMs = 100;

/** HAProxy looks now and then who is at work behind it. */
async function untilFound(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline)
      throw new StartError(`HAProxy finds no ${what} within ${patienceMs / 1_000} s.`);
    await sleep(pollMs);
  }
}
