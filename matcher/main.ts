/** The matcher process of one shard. Any number of them may run: each run of the script is atomic. */
import { readConfig } from '../core/config.ts';
import { createKnown } from '../core/known.ts';
import { announceReady, stopSignal } from '../core/lifecycle.ts';
import { createLog, switchLevelOnSignal } from '../core/log.ts';
import { createRegistry, serveMetrics } from '../core/metrics.ts';
import { openTracing } from '../core/open-tracing.ts';
import { connected, connectOnce, connectPatiently } from '../core/redis.ts';
import { assertUsable } from '../core/redis-check.ts';
import { followTraced } from '../core/traced-stages.ts';
import { openPoolPatiently } from '../sql/pool.ts';
import { createSubmit } from './client.ts';
import { matchLoop } from './loop.ts';
import { createMatcherMetrics } from './metrics.ts';
import { prepare } from './prepare.ts';
import { createAnnouncer, watchProducts } from './products.ts';

const config = readConfig();
const { redisUrl, redisTimeoutMs, shard } = config;
const log = createLog('matcher', config.logLevel).child({ shard });
switchLevelOnSignal(log);
const signal = stopSignal(log, config.shutdownGraceMs);
const registry = createRegistry({ process: 'matcher', shard });
const metrics = createMatcherMetrics(registry);
const { host, matcherMetricsPort: port } = config;
serveMetrics({ registry, host, port, variable: 'MATCHER_METRICS_PORT', log });

const settings = { shard, timeoutMs: redisTimeoutMs };
// With replicas, what a connection has confirmed says nothing of the next one, so that nothing may be sent again.
const redis =
  config.minReplicas > 0
    ? await connected(connectOnce(redisUrl, log, settings))
    : connectPatiently(redisUrl, log, settings);
const waiting = connectPatiently(redisUrl, log, settings);
const submitting = await connected(connectOnce(redisUrl, log, settings));
const pool = await openPoolPatiently(config.databaseUrl, log, { maxPoolSize: 1, statementTimeout: 10_000 });

const tracing = await openTracing({ process: 'matcher', log, ...config });
const listening = tracing && connectPatiently(redisUrl, log, settings);

try {
  await assertUsable(submitting, shard, config);
  const known = createKnown();
  known.reaches(await prepare(pool, redis, shard));
  const submit = createSubmit(submitting, shard, config, known);
  const announce = createAnnouncer({ pool, redis, submit, shard, log });
  await announce();
  announceReady(log);
  await Promise.all([
    watchProducts(announce, { log, pollMs: config.productPollMs }, signal),
    matchLoop({
      redis,
      waiting,
      shard,
      runSize: config.runSize,
      minReplicas: config.minReplicas,
      known,
      log,
      metrics,
      onRun: listening && followTraced(tracing, 'run', shard, listening),
      signal,
      graceMs: config.shutdownGraceMs,
    }),
  ]);
  log.info('stopped');
} catch (error) {
  log.fatal({ error: String(error) }, 'the matcher cannot go on');
  process.exitCode = 1;
} finally {
  for (const connection of [redis, waiting, submitting, listening]) connection?.disconnect();
  await tracing?.close();
  await pool.end();
}
// Nothing is under way any more; timers of closed connections would hold the process for seconds.
process.exit();
