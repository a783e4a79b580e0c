/** The matcher process of one shard, of several, or of a share of all. Any number of them may run: each run of the script is atomic. */
import { readConfig } from '../core/config.ts';
import { announceReady, stopSignal } from '../core/lifecycle.ts';
import { createLog, switchLevelOnSignal } from '../core/log.ts';
import { createRegistry, serveMetrics } from '../core/metrics.ts';
import { openTracing } from '../core/open-tracing.ts';
import { serveShards } from '../core/serve-shards.ts';
import { openPoolPatiently } from '../sql/pool.ts';
import { loadShards } from '../sql/shards.ts';
import { matchShard } from './match-shard.ts';
import { createMatcherMetrics } from './metrics.ts';

const config = readConfig();
const bare = createLog('matcher', config.logLevel);
const log = bare.child({ shard: config.shard });
switchLevelOnSignal(log);
const signal = stopSignal(log, config.shutdownGraceMs);
const registry = createRegistry({ process: 'matcher', shard: config.shard });
const metrics = createMatcherMetrics(registry);
const { host, matcherMetricsPort: port } = config;
serveMetrics({ registry, host, port, variable: 'MATCHER_METRICS_PORT', log });

const pool = await openPoolPatiently(config.databaseUrl, log, { maxPoolSize: 1, statementTimeout: 10_000 });
const tracing = await openTracing({ process: 'matcher', log, ...config });

try {
  await serveShards({
    ...{ config, log: bare, signal, role: 'matchers' },
    list: async () => (await loadShards(pool)).map(({ name }) => name),
    serve: (shard, { signal, onReady }) =>
      matchShard({ config, pool, log: bare, metrics, tracing, onReady }, shard, signal),
    onReady: () => announceReady(log),
  });
  log.info('stopped');
} catch (error) {
  log.fatal({ error: String(error) }, 'the matcher cannot go on');
  process.exitCode = 1;
} finally {
  await tracing?.close();
  await pool.end();
}
// Nothing is under way any more; timers of closed connections would hold the process for seconds.
process.exit();
