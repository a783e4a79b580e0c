import { hostname } from 'node:os';
import type { Config } from '../core/config.ts';
import type { Log } from '../core/log.ts';
import { connectPatiently } from '../core/redis.ts';
import { followTraced } from '../core/traced-stages.ts';
import type { Tracing } from '../core/tracing.ts';
import { openPoolPatiently } from '../sql/pool.ts';
import { writeLoop } from './loop.ts';
import type { WriterMetrics } from './metrics.ts';

export type Writing = {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: (shard: string) => WriterMetrics;
  /** Null while tracing is off. */
  readonly tracing: Tracing | null;
  readonly onReady: () => void;
};

/** Writes one shard, or stands by, until the signal aborts. Throws if only a person can decide how to go on. */
export async function writeShard(writing: Writing, shard: string, signal: AbortSignal): Promise<void> {
  const { tracing, onReady } = writing;
  const config = { ...writing.config, shard };
  const log = writing.log.child({ shard });
  const patient = () => connectPatiently(config.redisUrl, log, { shard, timeoutMs: config.redisTimeoutMs });
  const [redis, blocking, channel, listening] = [patient(), patient(), patient(), tracing && patient()];
  // Its own, since the lock of the shard is its session's.
  const pool = await openPoolPatiently(config.databaseUrl, log, { maxPoolSize: 1, statementTimeout: 10_000 });
  try {
    onReady();
    const onCommit = listening && tracing && followTraced(tracing, 'commit', shard, listening);
    const own = { redis, blocking, channel, consumer: `${hostname()}-${process.pid}` };
    await writeLoop(pool, { ...own, config, log, metrics: writing.metrics(shard), onCommit }, signal);
  } finally {
    for (const connection of [redis, blocking, channel, listening]) connection?.disconnect();
    await pool.end();
  }
}
