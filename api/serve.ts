import type { Registry } from 'prom-client';
import { aborted, backoff, sleep } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import { openTracing } from '../core/open-tracing.ts';
import { createTurns } from '../core/turns.ts';
import { createFreshness } from '../sql/freshness.ts';
import { openPoolPatiently } from '../sql/pool.ts';
import { isPostgresAway } from '../sql/postgres-away.ts';
import { createReadReplica } from '../sql/read-replica.ts';
import { shareReads } from '../sql/shared-reads.ts';
import { withTimeout } from '../sql/with-timeout.ts';
import type { Api } from './api.ts';
import { createApp } from './app.ts';
import { openDoor } from './auth/open.ts';
import { loadKnownTraders } from './auth/traders.ts';
import { openFeed } from './feed/feed.ts';
import { createWatch } from './feed/watch.ts';
import { createGraphql } from './graphql/graphql.ts';
import type { GrpcServer } from './grpc/server.ts';
import { closeServer, listen, portOf } from './http/server.ts';
import { createUnreadBudget } from './http/unread-budget.ts';
import { createAuctions } from './market-data/auctions.ts';
import { createFindClientOid } from './orders/client-oids.ts';
import { createCoveredFrom } from './orders/coverage.ts';
import { createFindOrder } from './orders/find-order.ts';
import { KeptPages } from './orders/kept-pages.ts';
import { createFindAnnounced } from './products/announced.ts';
import { openCatalogue, productChanges } from './products/catalogue.ts';
import { openShard, type ShardParts } from './shard/open.ts';
import type { Shard } from './shard/shard.ts';
import { createShards } from './shard/shards.ts';
import { type TracedRequests, tracedShard } from './shard/traced.ts';
import { openShards, type ShardsWatch, watchShards } from './shard/watch-shards.ts';
import { createApiMetrics } from './system/metrics.ts';
import { createServerMetrics } from './system/server-metrics.ts';
import { createShardMetrics } from './system/shard-metrics.ts';
import { createTransferMetrics } from './system/transfer-metrics.ts';
import { finishShardTransfers } from './transfers/between/finish-all.ts';
import { createFindTransfer } from './transfers/find-transfer.ts';

/** Orders can do without what is looked up for them, if it takes long. */
const lookUpTimeoutMs = 1_000;

export type Process = Pick<Api, 'config' | 'log' | 'stopping' | 'hurried' | 'totals'> & {
  readonly registry: Registry;
};

/** Opens all that requests need, answers them until told to stop, and closes. `onReady` is called once it answers. */
export async function serve(process: Process, onReady: () => void): Promise<void> {
  const { config, log, stopping, hurried, registry, totals } = process;
  const freshness = createFreshness();
  const poolOptions = { freshness, statementTimeout: config.readTimeoutMs };
  const pool = await openPoolPatiently(config.databaseUrl, log, { ...poolOptions, maxPoolSize: 8 });
  const tracing = await openTracing({ process: 'api', log, ...config });
  const tracedRequests: TracedRequests = new Map();
  const wrap = (shard: Shard): Shard =>
    tracing ? tracedShard(shard, { tracing, requests: tracedRequests }) : shard;
  const parts = { config, log, pool, freshness, stopping, wrap };
  const { shards, catalogue, watching } = await openMarkets(parts);
  // Apart, so that no number of reads keeps a token or a client order id from being looked up.
  const lookUpPool = await openPoolPatiently(config.databaseUrl, log, { ...poolOptions, maxPoolSize: 4 });
  const reads = withTimeout(pool, config.readTimeoutMs);
  const credentials = withTimeout(lookUpPool, config.readTimeoutMs);
  const lookUps = withTimeout(lookUpPool, lookUpTimeoutMs);
  const knownTraders = await untilThere(log, () => loadKnownTraders(reads));
  const door = openDoor(config, log, credentials);
  const unread = createUnreadBudget();
  const metrics = createApiMetrics(registry, shards);
  const { databaseReadUrl: url } = config;
  const replica =
    url === null ? null : createReadReplica({ url, primary: pool, log, onOutcome: metrics.askedReplica });
  const api: Api = {
    ...door,
    ...{ unread, config, log, pool: reads, catalogue, shards, knownTraders, stopping, hurried, totals },
    readsOf: shareReads({ pool, others: lookUpPool, replica, timeoutMs: config.readTimeoutMs }),
    metrics,
    sequences: createShardMetrics(shards),
    servers: createServerMetrics(shards.all[0]!.redis, reads),
    pendingTransfers: createTransferMetrics(shards, reads),
    ...{ tracing, tracedRequests },
    ...{ watch: createWatch(shards, catalogue), auctions: createAuctions(shards, catalogue) },
    cancelTurns: createTurns(),
    coveredFrom: createCoveredFrom(reads),
    findAnnounced: createFindAnnounced(shards),
    findClientOid: createFindClientOid(lookUps, log),
    findOrder: createFindOrder(reads),
    keptOrders: new KeptPages(shards, catalogue),
    findTransfer: createFindTransfer(withTimeout(lookUpPool, config.readTimeoutMs)),
  };
  const graphql = createGraphql(api);
  const server = await listen(createApp(api, graphql).callback(), { ...config, unread });
  log.info({ address: config.host, port: portOf(server) }, 'listening');
  const feed = openFeed(server, api, graphql.openSocket);
  const grpc = await openGrpcIfAsked(api);
  const finishing = finishShardTransfers(api, stopping);
  onReady();
  await aborted(stopping);
  await Promise.all([
    feed.close(config.shutdownGraceMs),
    graphql.close(),
    grpc?.close(config.shutdownGraceMs),
    closeServer(server, hurried, config.shutdownGraceMs),
  ]);
  await Promise.all([watching, finishing]);
  for (const { close } of [catalogue, api.auctions]) close();
  await door.close();
  await Promise.all(shards.all.map((shard) => shard.close()));
  await Promise.all([pool.end(), lookUpPool.end(), replica?.close()]);
  await tracing?.close();
  log.info('stopped');
}

/** Its libraries are loaded only where it is wanted: they take 19 MB. */
async function openGrpcIfAsked(api: Api): Promise<GrpcServer | null> {
  const { host, grpcPort } = api.config;
  if (grpcPort === null) return null;
  const { openGrpc } = await import('./grpc/server.ts');
  const grpc = await openGrpc(api, grpcPort);
  api.log.info({ host, port: grpc.port }, 'serving gRPC');
  return grpc;
}

type MarketsParts = Omit<ShardParts, 'name'> & {
  readonly stopping: AbortSignal;
  readonly wrap: (shard: Shard) => Shard;
};

/** The shards that there are and those that come, and what is traded on them. */
async function openMarkets({ stopping, wrap, ...parts }: MarketsParts) {
  const { pool, log } = parts;
  const shards = createShards();
  const watch: ShardsWatch = {
    ...{ pool, log, shards },
    open: (name) => {
      const { shard, started } = openShard({ ...parts, name });
      return { shard: wrap(shard), started };
    },
  };
  const { served } = await untilThere(log, () => openShards(watch));
  served.catch(() => {}); // awaited below
  const catalogue = await untilThere(log, () => openCatalogue({ pool, log, isServed: shards.has }));
  shards.each(({ reports }) => reports.subscribe(productChanges(catalogue.reload)));
  await served;
  // What changed between the first reading and the subscription was announced to nobody.
  catalogue.reload();
  return { shards, catalogue, watching: watchShards(watch, stopping) };
}

/** PostgreSQL may go away again while we start. */
async function untilThere<T>(log: Log, open: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await open();
    } catch (error) {
      if (!isPostgresAway(error)) throw error;
      log.warn({ error: String(error) }, 'PostgreSQL is away; trying again');
      await sleep(backoff(attempt));
    }
  }
}
