import type { Registry } from 'prom-client';
import { type Config, readConfig } from './config.ts';
import { announceReady, stopSignal } from './lifecycle.ts';
import { createLog, type Log, switchLevelOnSignal } from './log.ts';
import { createRegistry, serveMetrics } from './metrics.ts';
import { openTracing } from './open-tracing.ts';
import { type Serving, serveShards } from './serve-shards.ts';
import type { Tracing } from './tracing.ts';

export type ShardProcess = {
  readonly config: Config;
  /** Its lines name the shards of the process. */
  readonly log: Log;
  /** For lines about a single shard, which name it themselves. */
  readonly bare: Log;
  readonly registry: Registry;
  readonly tracing: Tracing | null;
};

/** What a process does with its shards: which there are, how it serves one, and what to close in the end. */
export type ShardWork = Pick<Serving, 'list' | 'serve'> & { readonly close: () => Promise<void> };

const ports = {
  matcher: { variable: 'MATCHER_METRICS_PORT', setting: 'matcherMetricsPort' },
  writer: { variable: 'WRITER_METRICS_PORT', setting: 'writerMetricsPort' },
} as const;

/** Runs a matcher or a writer from its first line to its end, and ends the process. */
export async function runShardProcess(
  name: keyof typeof ports,
  open: (process: ShardProcess) => Promise<ShardWork>,
): Promise<never> {
  const config = readConfig();
  const bare = createLog(name, config.logLevel);
  const log = bare.child({ shard: config.shard });
  switchLevelOnSignal(log);
  const signal = stopSignal(log, config.shutdownGraceMs);
  const registry = createRegistry({ process: name, shard: config.shard });
  const { variable, setting } = ports[name];
  serveMetrics({ registry, host: config.host, port: config[setting], variable, log });
  const tracing = await openTracing({ process: name, log, ...config });
  const { list, serve, close } = await open({ config, log, bare, registry, tracing });
  try {
    const onReady = () => announceReady(log);
    await serveShards({ config, log: bare, signal, role: `${name}s`, list, serve, onReady });
    log.info('stopped');
  } catch (error) {
    log.fatal({ error: String(error) }, `the ${name} cannot go on`);
    process.exitCode = 1;
  } finally {
    await tracing?.close();
    await close();
  }
  // Nothing is under way any more; timers of closed connections would hold the process for seconds.
  process.exit();
}
