// A private exchange for one measurement or attack: servers in a temporary folder, api, matcher and writer as processes of their own.

import { newSealingKey } from '../../core/sealing.ts';
import { migrate } from '../../sql/migrate.ts';
import { seed } from '../../sql/seed.ts';
import { issueToken } from '../../sql/tokens.ts';
import { onStopWish } from '../console/signals.ts';
import { launchChild } from '../launcher/child.ts';
import { readEnvironment } from '../launcher/servers/environment.ts';
import { StartError } from '../launcher/servers/errors.ts';
import type { Log } from '../launcher/servers/log.ts';
import { rememberedPorts } from '../launcher/servers/ports.ts';
import type { Started } from '../launcher/servers/process.ts';
import type { Servers } from '../launcher/servers/servers.ts';
import { withTemporaryServers } from '../launcher/servers/temporary-servers.ts';

export type ProcessName = 'api' | 'matcher' | 'writer';

export type PrivateExchange = {
  readonly dataDir: string;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly port: number;
  /** A token that may act for every trader. */
  readonly token: string;
  readonly processes: Readonly<Record<ProcessName, Started>>;
  /** Rejects when one of the processes ends before it was told to. */
  readonly broken: Promise<never>;
  /** Ends api, matcher and writer; the servers stay. */
  readonly stopProcesses: () => Promise<void>;
};

const graceMs = 20_000;

/** The process of each, whose CPU and memory are its own. */
export function pidsOf({ processes }: PrivateExchange): Record<ProcessName, number> {
  const { api, matcher, writer } = processes;
  return { api: api.child.pid!, matcher: matcher.child.pid!, writer: writer.child.pid! };
}

/**
 * Starts an exchange, hands it over, and removes every trace of it afterwards, also when a signal ends us. If it throws,
 * `use` may still be at work on servers that are gone: the caller must end the process.
 */
export async function withExchange<T>(
  use: (exchange: PrivateExchange) => Promise<T>,
  log: Log,
  more: NodeJS.ProcessEnv = {},
): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  interrupted.catch(() => {});
  const listenNoMore = onStopWish(() => reject(new StartError('Stopped.')));
  const environment = { ...readEnvironment(), redisUrl: undefined, databaseUrl: undefined };
  try {
    return await withTemporaryServers({ name: 'bench', environment, log }, async (servers, dataDir) => {
      const exchange = await startProcesses(dataDir, servers, { log, more });
      try {
        return await Promise.race([use(exchange), exchange.broken, interrupted]);
      } finally {
        await exchange.stopProcesses();
      }
    });
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

async function startProcesses(
  dataDir: string,
  { redisUrl, databaseUrl }: Servers,
  { log, more }: { log: Log; more: NodeJS.ProcessEnv },
): Promise<PrivateExchange> {
  const token = await prepareDatabase(databaseUrl);
  const port = await rememberedPorts(dataDir).pick('api');
  const env = {
    ...privateSettings(),
    PORT: String(port),
    ...{ REDIS_URL: redisUrl, DATABASE_URL: databaseUrl },
    ...{ MATCHER_METRICS_PORT: '0', WRITER_METRICS_PORT: '0' },
    ...more,
  };
  const launch = (name: ProcessName): Promise<Started> => launchChild({ name, graceMs, dataDir, env, log });
  const [api, matcher, writer] = await Promise.all([launch('api'), launch('matcher'), launch('writer')]);
  const processes = { api, matcher, writer };
  const watch = watchOver(processes);
  await Promise.all([api, matcher, writer].map(({ ready }) => ready));
  return { ...{ dataDir, redisUrl, databaseUrl, port, token, processes }, ...watch };
}

function watchOver(
  processes: PrivateExchange['processes'],
): Pick<PrivateExchange, 'broken' | 'stopProcesses'> {
  let stopping = false;
  const { promise: broken, reject } = Promise.withResolvers<never>();
  broken.catch(() => {});
  for (const [name, { exited }] of Object.entries(processes))
    exited.then((how) => stopping || reject(new Error(`the ${name} ended unexpectedly (${how})`)));
  return {
    broken,
    stopProcesses: async () => {
      stopping = true;
      for (const { stop } of Object.values(processes)) await stop();
    },
  };
}
