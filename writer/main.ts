/** The writer process of one shard. One writes, any others stand by and take over when it is gone. */
import { hostname } from 'node:os';
import { readConfig } from '../core/config.ts';
import { announceReady, stopSignal } from '../core/lifecycle.ts';
import { createLog, switchLevelOnSignal } from '../core/log.ts';
import { createRegistry, serveMetrics } from '../core/metrics.ts';
import { openTracing } from '../core/open-tracing.ts';
import { connectPatiently } from '../core/redis.ts';
import { followTraced } from '../core/traced-stages.ts';
import { openPoolPatiently } from '../sql/pool.ts';
import { writeLoop } from './loop.ts';
import { createWriterMetrics } from './metrics.ts';

const config = readConfig();
const log = createLog('writer', config.logLevel).child({ shard: config.shard });
switchLevelOnSignal(log);
const signal = stopSignal(log, config.shutdownGraceMs);
const registry = createRegistry({ process: 'writer', shard: config.shard });
const metrics = createWriterMetrics(registry);
const { host, writerMetricsPort: port } = config;
serveMetrics({ registry, host, port, variable: 'WRITER_METRICS_PORT', log });

const settings = { shard: config.shard, timeoutMs: config.redisTimeoutMs };
const redis = connectPatiently(config.redisUrl, log, settings);
const blocking = connectPatiently(config.redisUrl, log, settings);
const channel = connectPatiently(config.redisUrl, log, settings);
const pool = await openPoolPatiently(config.databaseUrl, log, { maxPoolSize: 1, statementTimeout: 10_000 });
const consumer = `${hostname()}-${process.pid}`;

const tracing = await openTracing({ process: 'writer', log, ...config });
const listening = tracing && connectPatiently(config.redisUrl, log, settings);

try {
  announceReady(log);
  const onCommit = listening && followTraced(tracing, 'commit', config.shard, listening);
  await writeLoop(pool, { config, log, metrics, onCommit, redis, blocking, channel, consumer }, signal);
  log.info('stopped');
} catch (error) {
  log.fatal({ error: String(error) }, 'the writer cannot go on');
  process.exitCode = 1;
} finally {
  redis.disconnect();
  blocking.disconnect();
  channel.disconnect();
  listening?.disconnect();
  await tracing?.close();
  await pool.end();
}
// Nothing is under way any more; timers of closed connections would hold the process for seconds.
process.exit();
