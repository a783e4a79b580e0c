// A private exchange for one measurement or attack: servers in a temporary folder, api, matcher and writer as processes of their own.

import { newSealingKey } from '../../core/sealing.ts';
import { addShard } from '../../sql/add-shard.ts';
import { migrate } from '../../sql/migrate.ts';
import { seed } from '../../sql/seed.ts';
import { issueToken } from '../../sql/tokens.ts';
import { onStopWish } from '../console/signals.ts';
import { launchChild } from '../launcher/child.ts';
import { withPool } from '../launcher/connections.ts';
import { readEnvironment } from '../launcher/servers/environment.ts';
import { StartError } from '../launcher/servers/errors.ts';
import type { Log } from '../launcher/servers/log.ts';
import { rememberedPorts } from '../launcher/servers/ports.ts';
import type { Servers } from '../launcher/servers/servers.ts';
import { withTemporaryServers } from '../launcher/servers/temporary-servers.ts';
import { createGroup } from './group.ts';

export type ProcessName = 'api' | 'matcher' | 'writer';

/** In the order in which they stop: each one still finds at work what it needs to finish. */
export const processNames = ['api', 'matcher', 'writer'] as const satisfies readonly ProcessName[];

export type PrivateExchange = {
  readonly dataDir: string;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly port: number;
  /** A token that may act for every trader. */
  readonly token: string;
  /** Those that are traded on, the first one first. */
  readonly shards: readonly string[];
  /** How it is arranged, in words. */
  readonly arrangement: string;
  /** Process numbers by name: of servers beside the Redis of its shards and the PostgreSQL that is written to. */
  readonly otherServers: Readonly<Record<string, readonly number[]>>;
  /** Rejects when one of the processes ends before it was told to. */
  readonly broken: Promise<never>;
  readonly pids: () => Record<ProcessName, readonly number[]>;
  /** Ends api, matcher and writer; the servers stay. */
  readonly stopProcesses: () => Promise<void>;
  /** Ends them and starts them again. Resolves with the milliseconds until each was ready. */
  readonly restartProcesses: () => Promise<Record<string, number>>;
};

export type PlainExchange = PrivateExchange & {
  /** One more api with settings of its own. */
  readonly addApi: (
    id: string,
    more: NodeJS.ProcessEnv,
  ) => Promise<{ readonly port: number; readonly pid: number }>;
};

export type Arranging = {
  readonly shards?: readonly string[];
  /** Processes reach their servers by TCP, as they must on several machines; else by Unix sockets. */
  readonly byTcp?: boolean;
  /** A PostgreSQL to use instead of a private one. */
  readonly databaseUrl?: string;
};

const graceMs = 20_000;

/**
 * Starts an exchange, hands it over, and removes every trace of it afterwards, also when a signal ends us. If it throws,
 * `use` may still be at work on servers that are gone: the caller must end the process.
 */
export function withExchange<T>(
  use: (exchange: PlainExchange) => Promise<T>,
  log: Log,
  more: NodeJS.ProcessEnv = {},
  arranging: Arranging = {},
): Promise<T> {
  const environment = { ...readEnvironment(), redisUrl: undefined, databaseUrl: arranging.databaseUrl };
  return unlessStopped((interrupted) =>
    withTemporaryServers({ name: 'bench', environment, log }, async (servers, dataDir) => {
      const exchange = await startProcesses(dataDir, servers, { log, more, arranging });
      try {
        return await Promise.race([use(exchange), exchange.broken, interrupted]);
      } finally {
        await exchange.stopProcesses();
      }
    }),
  );
}

/** What it is given rejects when a person wishes that it stops. */
export async function unlessStopped<T>(work: (interrupted: Promise<never>) => Promise<T>): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  interrupted.catch(() => {});
  const listenNoMore = onStopWish(() => reject(new StartError('Stopped.')));
  try {
    return await work(interrupted);
  } finally {
    listenNoMore();
  }
}

/** Gives a new database its tables and first products, and returns a token that may act for every trader. */
export async function prepareDatabase(databaseUrl: string): Promise<string> {
  await migrate(databaseUrl);
  await seed(databaseUrl);
  return issueToken(databaseUrl, 'operator');
}

/** Adds those that there are not. */
export async function addShards(databaseUrl: string, shards: readonly string[]): Promise<void> {
  await withPool(databaseUrl, async (pool) => {
    for (const shard of shards) await addShard(pool, shard);
  });
}

/** What the processes of a private exchange have in common: nothing that slows down or refuses those who measure. */
export function privateSettings(): NodeJS.ProcessEnv {
  return {
    ...readEnvironment().inherited,
    ...{ HOST: '127.0.0.1', RATE_LIMITS: 'off' },
    // Books of millions belong to ten thousand traders.
    MAX_OPEN_ORDERS: '10000000',
    SECRETS_KEY: newSealingKey('bench'),
  };
}

type Starting = {
  readonly log: Log;
  readonly more: NodeJS.ProcessEnv;
  readonly arranging: Arranging;
};

async function startProcesses(
  dataDir: string,
  servers: Servers,
  { log, more, arranging: { shards = ['main'], byTcp = false } }: Starting,
): Promise<PlainExchange> {
  const redisUrl = byTcp ? servers.redisTcpUrl : servers.redisUrl;
  const databaseUrl = byTcp ? servers.databaseTcpUrl : servers.databaseUrl;
  const token = await prepareDatabase(databaseUrl);
  await addShards(databaseUrl, shards);
  const ports = rememberedPorts(dataDir);
  const port = await ports.pick('api');
  const env = {
    ...privateSettings(),
    ...{ PORT: String(port), SHARD: shards.join(',') },
    ...{ REDIS_URL: redisUrl, DATABASE_URL: databaseUrl },
    ...{ MATCHER_METRICS_PORT: '0', WRITER_METRICS_PORT: '0' },
    ...more,
  };
  const group = createGroup();
  const keep = (name: ProcessName, id: string, own: NodeJS.ProcessEnv): Promise<number> =>
    group.keep({
      id,
      launch: () => launchChild({ name, id, graceMs, dataDir, env: { ...env, ...own }, log }),
    });
  await Promise.all(processNames.map((name) => keep(name, name, {})));
  return {
    ...{ dataDir, redisUrl, databaseUrl, port, token, shards, otherServers: {} },
    arrangement: `plain, by ${byTcp ? 'TCP' : 'Unix sockets'}`,
    broken: group.broken,
    pids: () => pidsIn(group),
    stopProcesses: () => group.stop(processNames),
    restartProcesses: () => group.restart(processNames),
    addApi: async (id, own) => {
      const port = await ports.pick(id);
      await keep('api', id, { ...own, PORT: String(port) });
      return { port, pid: group.pids(id)[0]! };
    },
  };
}

export function pidsIn({
  pids,
}: Pick<ReturnType<typeof createGroup>, 'pids'>): Record<ProcessName, number[]> {
  return { api: pids('api'), matcher: pids('matcher'), writer: pids('writer') };
}
