import type { DatabasePool } from 'slonik';
import type { Config } from '../core/config.ts';
import { createKnown } from '../core/known.ts';
import { aborted } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import { connected, connectOnce, connectPatiently } from '../core/redis.ts';
import { assertUsable } from '../core/redis-check.ts';
import { followTraced } from '../core/traced-stages.ts';
import type { Tracing } from '../core/tracing.ts';
import { createSubmit } from './client.ts';
import { watchExpiry } from './expiry.ts';
import { createFreezer } from './frozen.ts';
import { createHalter } from './halts.ts';
import { matchLoop } from './loop.ts';
import type { MatcherMetrics } from './metrics.ts';
import { prepare } from './prepare.ts';
import { createAnnouncer, watchRows } from './products.ts';

export type Matching = {
  readonly config: Config;
  readonly pool: DatabasePool;
  readonly log: Log;
  readonly metrics: (shard: string) => MatcherMetrics;
  /** Null while tracing is off. */
  readonly tracing: Tracing | null;
  readonly onReady: () => void;
};

/** Matches one shard until the signal aborts. Throws if it cannot be matched any further. */
export async function matchShard(matching: Matching, shard: string, signal: AbortSignal): Promise<void> {
  const { config, pool, tracing, onReady } = matching;
  const { redisUrl, redisTimeoutMs: timeoutMs, minReplicas } = config;
  const log = matching.log.child({ shard });
  const once = () => connectOnce(redisUrl, log, { shard, timeoutMs });
  const patient = () => connectPatiently(redisUrl, log, { shard, timeoutMs });
  // With replicas, what a connection has confirmed says nothing of the next one, so that nothing may be sent again.
  const redis = minReplicas > 0 ? once() : patient();
  const [waiting, submitting, listening] = [patient(), once(), tracing && patient()];
  const failed = new AbortController();
  const over = AbortSignal.any([signal, failed.signal]);
  try {
    await Promise.race([Promise.all([connected(redis), connected(submitting)]), aborted(signal)]);
    if (signal.aborted) return;
    await assertUsable(submitting, shard, config);
    const known = createKnown();
    known.reaches(await prepare(pool, redis, shard));
    const submit = createSubmit(submitting, shard, config, known);
    const watch = { pool, redis, submit, shard, log };
    const [announceProducts, announceFrozen] = [createAnnouncer(watch), createFreezer(watch)];
    const halt = createHalter(watch);
    const announce = async (): Promise<void> => {
      await halt();
      await announceProducts();
      await announceFrozen();
    };
    await announce();
    onReady();
    await Promise.all([
      watchExpiry({ redis, submit, shard, log }, over),
      watchRows(announce, { log, pollMs: config.productPollMs }, over),
      matchLoop({
        ...{ redis, waiting, shard, runSize: config.runSize, minReplicas, known, log, signal },
        metrics: matching.metrics(shard),
        onRun: listening && tracing && followTraced(tracing, 'run', shard, listening),
        graceMs: config.shutdownGraceMs,
      }),
    ]);
  } finally {
    failed.abort(); // what watches would go on with closed connections
    for (const connection of [redis, waiting, submitting, listening]) connection?.disconnect();
  }
}
