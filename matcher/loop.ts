import type { Redis } from 'ioredis';
import { fencedSequence } from '../core/fence.ts';
import { shardKeys } from '../core/keys.ts';
import type { Known } from '../core/known.ts';
import { backoff, sleep } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import type { Stage } from '../core/traced-stages.ts';
import { traceTime } from '../core/tracing.ts';
import { match, type Run, usualRunSteps } from './client.ts';
import type { MatcherMetrics } from './metrics.ts';

export type MatchLoop = {
  readonly redis: Redis;
  /** A connection of its own, because a blocking read holds up every command behind it. */
  readonly waiting: Redis;
  readonly shard: string;
  readonly runSize: number;
  /** Replicas that must have a command before it is matched. `redis` must not send twice then: `connectOnce`. */
  readonly minReplicas: number;
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
  const { log, metrics, signal } = loop;
  const run = createRun(loop);
  let deadline = Number.POSITIVE_INFINITY;
  signal.addEventListener('abort', () => {
    deadline = Date.now() + loop.graceMs;
    loop.waiting.disconnect();
  });
  let failures = 0;
  while (Date.now() < deadline) {
    try {
      const start = performance.now();
      const { matched, applied, steps, left } = await run();
      failures = 0;
      // A run that was taken up by the stop orders of one command may finish none.
      if (applied > 0 || steps > 0) {
        metrics.ran(applied, (performance.now() - start) / 1_000);
        loop.onRun?.({
          first: matched - applied + 1,
          last: matched,
          start: performance.timeOrigin + start,
          end: traceTime(),
        });
        if (left > 0) continue;
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

/**
 * With replicas a run goes no further than what they have, so that whatever anyone is told comes from commands that survive the
 * primary. What the run itself writes may be lost: it is made again, and comes to the same.
 */
function createRun({ redis, shard, runSize: size, minReplicas, known }: MatchLoop): () => Promise<Run> {
  if (minReplicas === 0) return () => match(redis, shard, size, known);
  let connections = 0;
  redis.on('ready', () => {
    connections += 1;
  });
  return async () => {
    const before = connections;
    const through = await fencedSequence(redis, shard, minReplicas);
    // Another primary may lack what the first one had confirmed, and have given those sequences to others.
    if (connections !== before) throw new Error('the connection was lost after the replicas were asked');
    return match(redis, shard, { size, steps: usualRunSteps, through }, known);
  };
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
