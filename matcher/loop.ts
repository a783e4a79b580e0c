import type { Redis } from 'ioredis';
import { shardKeys } from '../core/keys.ts';
import type { Known } from '../core/known.ts';
import { backoff, sleep } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import type { Stage } from '../core/traced-stages.ts';
import { traceTime } from '../core/tracing.ts';
import { match } from './client.ts';
import type { MatcherMetrics } from './metrics.ts';

export type MatchLoop = {
  readonly redis: Redis;
  /** A connection of its own, because a blocking read holds up every command behind it. */
  readonly waiting: Redis;
  readonly shard: string;
  readonly runSize: number;
  readonly known: Known;
  readonly log: Log;
  readonly metrics: MatcherMetrics;
  /** Told of each run that matched something, while tracing is on. */
  readonly onRun?: ((run: Stage) => void) | null;
  readonly signal: AbortSignal;
  /** How long what was accepted before the stop may still take. */
  readonly graceMs: number;
};

/**
 * Runs the matching script for as long as there is something to match, and waits when there is not. The loop holds no
 * state: any number of loops may run on one shard. Throws if the shard's stream cannot be matched any further.
 */
export async function matchLoop(loop: MatchLoop): Promise<void> {
  const { redis, shard, runSize, known, log, metrics, signal } = loop;
  let deadline = Number.POSITIVE_INFINITY;
  signal.addEventListener('abort', () => {
    deadline = Date.now() + loop.graceMs;
    loop.waiting.disconnect();
  });
  let failures = 0;
  while (Date.now() < deadline) {
    try {
      const start = performance.now();
      const { matched, applied } = await match(redis, shard, runSize, known);
      failures = 0;
      if (applied > 0) {
        metrics.ran(applied, (performance.now() - start) / 1_000);
        loop.onRun?.({
          first: matched - applied + 1,
          last: matched,
          start: performance.timeOrigin + start,
          end: traceTime(),
        });
        continue;
      }
      if (signal.aborted) return;
      await commandsAfter(matched, loop);
    } catch (error) {
      metrics.failed();
      if (isFinal(error)) throw error;
      log.warn({ error: String(error) }, 'a matching run failed; trying again');
      await sleep(backoff(failures++), signal.aborted ? undefined : signal);
    }
  }
}

/** Waits until the stream has a command after `matched`; a second at most, since another loop may have taken it. */
async function commandsAfter(matched: number, { waiting, shard, signal }: MatchLoop): Promise<void> {
  const { commands } = shardKeys(shard);
  try {
    await waiting.xread('COUNT', 1, 'BLOCK', 1_000, 'STREAMS', commands, `0-${matched}`);
  } catch (error) {
    if (!signal.aborted) throw error; // the stop has closed the connection
  }
}

/** The script says that it cannot go on: the stream lacks a sequence, or Redis has lost the shard or some of it. */
function isFinal(error: unknown): boolean {
  return error instanceof Error && /^(GAP|UNPREPARED|BEHIND) /.test(error.message);
}
