/** The writer process of one shard, of several, or of a share of all. One writes a shard, any others stand by and take over. */
import { readConfig } from '../core/config.ts';
import { announceReady, stopSignal } from '../core/lifecycle.ts';
import { createLog, switchLevelOnSignal } from '../core/log.ts';
import { createRegistry, serveMetrics } from '../core/metrics.ts';
import { openTracing } from '../core/open-tracing.ts';
import { serveShards } from '../core/serve-shards.ts';
import { openPoolPatiently } from '../sql/pool.ts';
import { loadShards } from '../sql/shards.ts';
import { createWriterMetrics } from './metrics.ts';
import { writeShard } from './write-shard.ts';

const config = readConfig();
const bare = createLog('writer', config.logLevel);
const log = bare.child({ shard: config.shard });
switchLevelOnSignal(log);
const signal = stopSignal(log, config.shutdownGraceMs);
const registry = createRegistry({ process: 'writer', shard: config.shard });
const metrics = createWriterMetrics(registry);
const { host, writerMetricsPort: port } = config;
serveMetrics({ registry, host, port, variable: 'WRITER_METRICS_PORT', log });

const tracing = await openTracing({ process: 'writer', log, ...config });
/** To see which shards there are, if that is wanted. */
const looking =
  config.shards === null
    ? await openPoolPatiently(config.databaseUrl, log, { maxPoolSize: 1, statementTimeout: 10_000 })
    : null;

try {
  await serveShards({
    ...{ config, log: bare, signal, role: 'writers' },
    list: async () => (await loadShards(looking!)).map(({ name }) => name),
    serve: (shard, { signal, onReady }) =>
      writeShard({ config, log: bare, metrics, tracing, onReady }, shard, signal),
    onReady: () => announceReady(log),
  });
  log.info('stopped');
} catch (error) {
  log.fatal({ error: String(error) }, 'the writer cannot go on');
  process.exitCode = 1;
} finally {
  await tracing?.close();
  await looking?.end();
}
// Nothing is under way any more; timers of closed connections would hold the process for seconds.
process.exit();
