// A private exchange for one benchmark: servers in a temporary folder, api, matcher and writer as processes of their own.

import { newSealingKey } from '../../../core/sealing.ts';
import { migrate } from '../../../sql/migrate.ts';
import { seed } from '../../../sql/seed.ts';
import { issueToken } from '../../../sql/tokens.ts';
import { launchChild } from '../../launcher/child.ts';
import { readEnvironment } from '../../launcher/servers/environment.ts';
import { StartError } from '../../launcher/servers/errors.ts';
import { rememberedPorts } from '../../launcher/servers/ports.ts';
import type { Started } from '../../launcher/servers/process.ts';
import { claimDataDir, eraseData, type Servers, startServers } from '../../launcher/servers/servers.ts';
import { makeTemporaryFolder } from '../../launcher/servers/temporary-folder.ts';

export type ProcessName = 'api' | 'matcher' | 'writer';

export type BenchExchange = {
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

/**
 * Starts an exchange, hands it over, and removes every trace of it afterwards, also when a signal ends us. If it throws,
 * `use` may still be at work on servers that are gone: the caller must end the process.
 */
export async function withExchange<T>(
  use: (exchange: BenchExchange) => Promise<T>,
  log: (line: string) => void,
): Promise<T> {
  const dataDir = makeTemporaryFolder('bench');
  const interruption = listenForSignals();
  try {
    return await withServers(dataDir, log, async (servers) => {
      const exchange = await startProcesses(dataDir, servers, log);
      try {
        return await Promise.race([use(exchange), exchange.broken, interruption.promise]);
      } finally {
        await exchange.stopProcesses();
      }
    });
  } finally {
    interruption.stop();
    eraseData(dataDir);
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A promise that rejects with the first signal; a second one ends us as it would any process. */
function listenForSignals(): { readonly promise: Promise<never>; readonly stop: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const interrupt = (signal: string): void => reject(new StartError(`Stopped by ${signal}.`));
  for (const signal of signals) process.once(signal, interrupt);
  return {
    promise,
    stop: () => {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}

async function withServers<T>(
  dataDir: string,
  log: (line: string) => void,
  use: (servers: Servers) => Promise<T>,
): Promise<T> {
  const claim = claimDataDir(dataDir);
  const environment = { ...readEnvironment(), redisUrl: undefined, databaseUrl: undefined };
  const servers = await startServers({ claim, environment, log });
  try {
    await migrate(servers.databaseUrl);
    await seed(servers.databaseUrl);
    return await use(servers);
  } finally {
    await servers.stop();
    claim.release();
  }
}

async function startProcesses(
  dataDir: string,
  { redisUrl, databaseUrl }: Servers,
  log: (line: string) => void,
): Promise<BenchExchange> {
  const port = await rememberedPorts(dataDir).pick('api');
  const { inherited } = readEnvironment();
  const env = {
    ...inherited,
    REDIS_URL: redisUrl,
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    PORT: String(port),
    MATCHER_METRICS_PORT: '0',
    WRITER_METRICS_PORT: '0',
    // Books of millions belong to ten thousand traders.
    MAX_OPEN_ORDERS: '10000000',
    RATE_LIMITS: 'off',
    SECRETS_KEY: newSealingKey('bench'),
  };
  const launch = (name: ProcessName): Promise<Started> => launchChild({ name, graceMs, dataDir, env, log });
  const [api, matcher, writer] = await Promise.all([launch('api'), launch('matcher'), launch('writer')]);
  const processes = { api, matcher, writer };
  const watch = watchOver(processes);
  await Promise.all([api, matcher, writer].map(({ ready }) => ready));
  const token = await issueToken(databaseUrl, 'operator');
  return { ...{ dataDir, redisUrl, databaseUrl, port, token, processes }, ...watch };
}

function watchOver(processes: BenchExchange['processes']): Pick<BenchExchange, 'broken' | 'stopProcesses'> {
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
