// The two servers an exchange stands on: given ones, or private ones with their data in the data folder.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Environment, forgetPostgresSettings } from './environment.ts';
import { StartError } from './errors.ts';
import { findPostgres, findRedis } from './find.ts';
import { lockDataDir } from './lock.ts';
import type { Log } from './log.ts';
import { obtainRedis } from './obtain.ts';
import { type Ports, portTrouble, rememberedPorts } from './ports.ts';
import { installPostgres, preparePostgres } from './postgres.ts';
import { fallbackPlace } from './postgres-folder.ts';
import { type PrivateServer, prepareRedis, redisSocket, stopLeftOverRedis } from './redis.ts';
import { type Supervised, supervise } from './supervise.ts';

export type Servers = {
  /** For our own processes: Unix sockets where possible. */
  redisUrl: string;
  databaseUrl: string;
  /** For people and scripts: `redis-cli -u` and psql read them. */
  redisTcpUrl: string;
  databaseTcpUrl: string;
  /** Shell words that open this Redis with redis-cli. */
  redisCli: string;
  stop(): Promise<void>;
};

/** A data folder that is ours alone until released. */
export type Claim = { dataDir: string; release(): void };

export type ServersOptions = {
  claim: Claim;
  environment: Pick<Environment, 'redisUrl' | 'databaseUrl' | 'redisServerBin' | 'pgBinDir' | 'path'>;
  log: Log;
  /** Ends a start that is under way; what it began is stopped. */
  signal?: AbortSignal;
  /** Told when a server is of use, and when it is no longer. */
  onChange?: (name: string, isUp: boolean) => void;
};

type Endpoint = { url: string; tcpUrl: string; stop(): Promise<void> };
type RedisEndpoint = Endpoint & { cli: string };

/** As root the folder may be passed through, not read, by others: PostgreSQL runs as another user inside it. */
export function makeDataDir(dataDir: string): void {
  if (existsSync(dataDir)) return;
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
}

export function claimDataDir(dataDir: string): Claim {
  try {
    makeDataDir(dataDir);
    return { dataDir, release: lockDataDir(dataDir) };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`The data folder ${dataDir} cannot be used: ${(error as Error).message}`);
  }
}

/** It begins with a letter, because ioredis reads a number where there are only digits. */
export function newSecret(): string {
  return `s${randomBytes(24).toString('hex')}`;
}

/** One password for both servers. */
export function readSecret(dataDir: string): string {
  const file = `${dataDir}/secret`;
  if (!existsSync(file)) writeFileSync(file, newSecret(), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

type Private = {
  name: string;
  portName: string;
  prepare(port: number): PrivateServer;
};

type Running = { server: PrivateServer; supervised: Supervised };

/** Between choosing a port and listening on it another program may take it; then another port is tried. */
async function startPrivate(what: Private, ports: Ports, options: ServersOptions): Promise<Running> {
  const { log, signal, onChange } = options;
  for (let attempt = 1; ; attempt++) {
    const port = await ports.pick(what.portName);
    const server = what.prepare(port);
    const supervised = supervise({ name: what.name, launch: server.launch, log, onChange });
    const saying = setInterval(() => log(`${what.name} does not answer yet.`), notYetMs);
    try {
      await Promise.race([supervised.ready, untilAborted(signal)]);
      return { server, supervised };
    } catch (error) {
      await supervised.stop();
      if (signal?.aborted || attempt === 3 || (await portTrouble(port, '127.0.0.1')) === undefined)
        throw error;
    } finally {
      clearInterval(saying);
    }
  }
}

/** Loading a large append-only file may take minutes; nobody should wonder what happens meanwhile. */
const notYetMs = 10_000;

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new StartError('The start was given up.'));
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** In single quotes, as a shell reads it. */
export function shellWord(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The path of a Unix socket, with the password after it, is ioredis' form; redis-cli has options for both. */
function cliFor(url: string): string {
  if (!url.startsWith('/')) return `redis-cli -u ${shellWord(url)}`;
  const [path = '', query] = url.split('?');
  const password = new URLSearchParams(query).get('password');
  return `${password ? `REDISCLI_AUTH=${shellWord(password)} ` : ''}redis-cli -s ${shellWord(path)}`;
}

function given(url: string): Endpoint {
  return { url, tcpUrl: url, stop: async () => {} };
}

async function startRedis(options: ServersOptions, ports: Ports): Promise<RedisEndpoint> {
  const { environment, log } = options;
  const { dataDir } = options.claim;
  const { redisUrl } = environment;
  if (redisUrl !== undefined) return { ...given(redisUrl), cli: cliFor(redisUrl) };
  const programs = findRedis(environment) ?? (await obtainRedis(log));
  const secret = readSecret(dataDir);
  // Before a port is picked, so that it finds its own one free.
  await stopLeftOverRedis(dataDir);
  const prepare = (port: number) => prepareRedis({ dataDir, programs, secret, port });
  const { server, supervised } = await startPrivate(
    { name: 'Redis', portName: 'redis', prepare },
    ports,
    options,
  );
  const libraries = programs.libraryPath ? `LD_LIBRARY_PATH=${shellWord(programs.libraryPath)} ` : '';
  const address = server.url.startsWith('/')
    ? `-s ${shellWord(redisSocket(dataDir))}`
    : `-h 127.0.0.1 -p ${new URL(server.tcpUrl).port}`;
  const cli = `${libraries}REDISCLI_AUTH=${secret} ${shellWord(programs.cli)} ${address}`;
  return { ...server, cli, stop: supervised.stop };
}

async function startPostgres(options: ServersOptions, ports: Ports): Promise<Endpoint> {
  const { environment, log } = options;
  const { dataDir } = options.claim;
  const { databaseUrl } = environment;
  if (databaseUrl !== undefined) return given(databaseUrl);
  forgetPostgresSettings();
  const candidates = findPostgres(environment);
  const secret = readSecret(dataDir);
  const installation = await installPostgres({ dataDir, candidates, secret, log });
  const prepare = (port: number) => preparePostgres({ installation, dataDir, secret, port });
  const what = { name: 'PostgreSQL', portName: 'postgres', prepare };
  const { server, supervised } = await startPrivate(what, ports, options);
  return { ...server, stop: supervised.stop };
}

/** Starts what is not given. When one of them fails, the other is stopped before the failure is told. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const ports = rememberedPorts(options.claim.dataDir);
  const outcomes = await Promise.allSettled([startRedis(options, ports), startPostgres(options, ports)]);
  const stop = async (): Promise<void> => {
    await Promise.all(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value.stop()));
  };
  const [redis, database] = outcomes;
  if (redis.status === 'fulfilled' && database.status === 'fulfilled') {
    return {
      redisUrl: redis.value.url,
      databaseUrl: database.value.url,
      redisTcpUrl: redis.value.tcpUrl,
      databaseTcpUrl: database.value.tcpUrl,
      redisCli: redis.value.cli,
      stop,
    };
  }
  await stop();
  throw redis.status === 'rejected' ? redis.reason : (database as PromiseRejectedResult).reason;
}

/** For temporary servers: removes everything they wrote, once they are stopped. */
export function eraseData(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true });
  rmSync(fallbackPlace(dataDir), { recursive: true, force: true });
}
