/** The api: one process that answers requests, or with API_WORKERS several that share a port and one that keeps them. */
import cluster from 'node:cluster';
import { readConfig } from '../core/config.ts';
import { announceReady, stopSignal } from '../core/lifecycle.ts';
import { createLog, switchLevelOnSignal } from '../core/log.ts';
import { createRegistry } from '../core/metrics.ts';
import { runWorkers } from './cluster/primary.ts';
import { joinPrimary } from './cluster/worker.ts';
import { serve } from './serve.ts';

const config = readConfig();
const log = createLog('api', config.logLevel);
switchLevelOnSignal(log, () =>
  Object.values(cluster.workers ?? {}).flatMap((worker) => worker?.process.pid ?? []),
);
const signal = stopSignal(log);

try {
  if (cluster.isPrimary && config.apiWorkers > 1) {
    await runWorkers({ config, log, stopping: signal });
  } else {
    const registry = createRegistry({ process: 'api' });
    const primary = cluster.isWorker ? joinPrimary(registry) : null;
    const stopping = primary ? AbortSignal.any([signal, primary.stopping]) : signal;
    const hurried = primary ? AbortSignal.any([signal, primary.hurried]) : signal;
    const totals = primary?.totals ?? (() => registry.metrics());
    // A worker lets it be: where the signal reaches the whole group of processes, it is for the primary.
    process.on('SIGHUP', () => primary ?? log.info('API_WORKERS is 1: there are no workers to replace'));
    const isWaiting = new AbortController();
    // Before it is ready it may wait for Redis and PostgreSQL, and nothing is under way that would have to end.
    stopping.addEventListener('abort', () => process.exit(), { signal: isWaiting.signal });
    await serve({ config, log, stopping, hurried, registry, totals }, () => {
      isWaiting.abort();
      announceReady(log);
    });
    await primary?.leave();
  }
} catch (error) {
  log.fatal({ err: error }, 'the api cannot go on');
  process.exitCode = 1;
}
// All that mattered is closed; deadlines of waits that are over would hold the process for seconds.
process.exit();
