// Starts the whole exchange: a private Redis and PostgreSQL (unless given), api, matcher, writer and notifier.
//
// Why: one command from a fresh clone to the first trade, and the same command for every later start.
//
// Usage: npm start           (--help tells the settings)

import { migrate } from '../sql/migrate.ts';
import { seed } from '../sql/seed.ts';
import { command, main } from './console/command.ts';
import { checkPort, urlOf } from './launcher/address.ts';
import { describe, runAttended } from './launcher/attended.ts';
import { banner } from './launcher/banner.ts';
import { type ChildOptions, launchChild } from './launcher/child.ts';
import { removeDemo, writeDemo } from './launcher/demo.ts';
import { type MetricsPorts, metricsEnv, pickGrpcPort, pickMetricsPorts } from './launcher/metrics.ts';
import { buildPage } from './launcher/page.ts';
import { createReadiness, type Readiness } from './launcher/readiness.ts';
import { keepSecretsKey } from './launcher/secrets-key.ts';
import { type Environment, readEnvironment } from './launcher/servers/environment.ts';
import { type Claim, claimDataDir, type Servers, startServers } from './launcher/servers/servers.ts';
import { type Supervised, supervise } from './launcher/servers/supervise.ts';

const says = `Starts the exchange and prints how to trade on it. Ctrl-C or SIGTERM stops it; starting again goes on where it was.

Environment:
  PORT              port of the API                                    3000
  HOST              address the API listens on                         127.0.0.1
  GRPC_PORT         port of the API by gRPC, or off                    50051
  DATA_DIR          data, logs, tokens of this copy                    .data
  MATCHER_METRICS_PORT, WRITER_METRICS_PORT
                    where these serve their metrics, or off            3001, 3002
  REDIS_URL         use this Redis instead of a private one
  DATABASE_URL      use this PostgreSQL instead of a private one
  SECRETS_KEY       seals the secrets of API keys                      one that DATA_DIR keeps
  REDIS_SERVER_BIN  redis-server or valkey-server (7.0 or newer) to run
  PG_BIN_DIR        folder with the postgres and initdb to run
and the settings of api, matcher and writer (docs/configuration.md), which are passed on.`;

function log(line: string): void {
  console.log(line);
}

/** In the order in which they stop: each one still finds at work what it needs to finish. */
const children: { name: ChildOptions['name']; graceMs: number }[] = [
  { name: 'api', graceMs: 20_000 },
  { name: 'matcher', graceMs: 20_000 },
  { name: 'writer', graceMs: 60_000 },
  { name: 'notifier', graceMs: 20_000 },
];

function httpUrls({ host, port }: Environment, metricsPorts: MetricsPorts) {
  const served = Object.entries({ api: port, ...metricsPorts }).filter(([, port]) => port !== null);
  return {
    baseUrl: urlOf(host, port),
    metricsUrls: Object.fromEntries(served.map(([name, port]) => [name, `${urlOf(host, port!)}/metrics`])),
  };
}

/** What there is so far, for whoever has to stop it. */
type Exchange = {
  stopping: AbortController;
  claim?: Claim;
  servers?: Promise<Servers>;
  children: Supervised[];
};

/** Nobody but the person at this machine can reach it, so one click may log in, and nobody is slowed down. */
function isPrivate({ host, redisUrl, databaseUrl }: Environment): boolean {
  return /^(?:localhost|127\.|::1$)/.test(host) && redisUrl === undefined && databaseUrl === undefined;
}

type ChildrenParts = {
  metricsPorts: MetricsPorts;
  grpcPort: number | null;
  onChange: Readiness['onChange'];
};

function startChildren(
  environment: Environment,
  servers: Servers,
  { metricsPorts, grpcPort, onChange }: ChildrenParts,
): Supervised[] {
  const { dataDir, host, port, inherited } = environment;
  const urls = { REDIS_URL: servers.redisUrl, DATABASE_URL: servers.databaseUrl };
  const ports = { PORT: String(port), GRPC_PORT: String(grpcPort ?? 'off'), ...metricsEnv(metricsPorts) };
  const addresses = { ...urls, HOST: host, ...ports };
  const SECRETS_KEY = environment.secretsKey ?? keepSecretsKey(dataDir);
  const usual = isPrivate(environment)
    ? { DEMO_LOGIN: 'on', RATE_LIMITS: 'off', WEBHOOK_ALLOW_PRIVATE: 'on' }
    : {};
  // Where several copies run beside each other, the fourth port is one too many to choose.
  const quiet = { NOTIFIER_METRICS_PORT: 'off' };
  const env = { ...quiet, ...usual, ...inherited, ...addresses, SECRETS_KEY, DATA_DIR: dataDir };
  return children.map(({ name, graceMs }) =>
    supervise({ name, log, onChange, launch: () => launchChild({ name, graceMs, dataDir, env, log }) }),
  );
}

/** Trading needs no page: whoever cannot build it can trade all the same. */
async function buildPageOrSay(): Promise<void> {
  try {
    if (await buildPage()) log('Built the trading page.');
  } catch (error) {
    log(`The trading page could not be built, so there is none: ${describe(error)}`);
  }
}

async function startInto(exchange: Exchange, environment: Environment): Promise<void> {
  const { dataDir } = environment;
  exchange.claim = claimDataDir(dataDir);
  removeDemo(dataDir);
  await checkPort(environment, 'npm start');
  await buildPageOrSay();
  log('Starting Redis and PostgreSQL.');
  const { signal } = exchange.stopping;
  const readiness = createReadiness(dataDir);
  const { onChange } = readiness;
  exchange.servers = startServers({ claim: exchange.claim, environment, log, signal, onChange });
  const servers = await exchange.servers;
  const applied = await migrate(servers.databaseUrl);
  if (applied.length > 0) log(`Migrated the database: ${applied.join(', ')}.`);
  await seed(servers.databaseUrl);
  const metricsPorts = await pickMetricsPorts(environment);
  const grpcPort = await pickGrpcPort(environment);
  // Whoever stops us has counted the children already.
  signal.throwIfAborted();
  log('Starting api, matcher, writer and notifier.');
  exchange.children = startChildren(environment, servers, { metricsPorts, grpcPort, onChange });
  await Promise.all(exchange.children.map(({ ready }) => ready));
  const { redisTcpUrl: redisUrl, databaseTcpUrl: databaseUrl, redisCli } = servers;
  const urls = { ...httpUrls(environment, metricsPorts), redisUrl, databaseUrl };
  const grpcAddress = grpcPort === null ? null : new URL(urlOf(environment.host, grpcPort)).host;
  const demo = await writeDemo({ dataDir, ...urls, grpcAddress });
  readiness.ask(`${demo.baseUrl}/health/ready`, signal);
  log(banner({ demo, redisCli, dataDir, databaseUrl }));
}

async function stop({ stopping, claim, servers, children }: Exchange): Promise<void> {
  stopping.abort();
  if (claim) removeDemo(claim.dataDir);
  for (const child of children) await child.stop();
  // Servers that failed to start have told why to those who started them.
  const running = await servers?.catch(() => undefined);
  await running?.stop();
  claim?.release();
}

async function run(environment: Environment): Promise<void> {
  const exchange: Exchange = { stopping: new AbortController(), children: [] };
  await runAttended({
    start: () => startInto(exchange, environment),
    stop: () => stop(exchange),
    kill: () => {
      for (const child of exchange.children) child.kill();
    },
    stopping: exchange.stopping.signal,
    stops: 'api, matcher, writer, then the servers',
    underNpm: environment.underNpm,
  });
}

await main(
  command('npm start', says)
    .usage('')
    .action(() => run(readEnvironment())),
  { goesOn: true },
);
