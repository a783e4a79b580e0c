import type { ExecutionContext, ThrownError, ThrowsExpectation } from 'ava';
import { Registry } from 'prom-client';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { type Config, readConfig } from '../../core/config.ts';
import { within } from '../../core/lifecycle.ts';
import { createLog } from '../../core/log.ts';
import { connectPatiently } from '../../core/redis.ts';
import { openPool } from '../../sql/pool.ts';
import { writeLoop } from '../../writer/loop.ts';
import { createWriterMetrics } from '../../writer/metrics.ts';
import { redisUrl } from './redis.ts';
import { until } from './until.ts';

const log = createLog('test', 'silent');
let writers = 0;

export type RunningWriter = {
  readonly registry: Registry;
  /** Ends with the loop; rejects if the writer cannot go on. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
  /** Cuts its connections as a kill would. */
  readonly kill: () => Promise<void>;
};

/** A real writer in this process, on connections of its own. */
export async function startWriter(
  databaseUrl: string,
  shard: string,
  settings: Partial<Config> = {},
): Promise<RunningWriter> {
  const usual = { redisUrl: redisUrl(), shard, partitionSize: 10_000 };
  const config: Config = { ...readConfig({}), ...usual, ...settings };
  const connect = () => connectPatiently(config.redisUrl, log);
  const [redis, blocking, channel] = [connect(), connect(), connect()];
  const disconnect = (): void => {
    for (const connection of [redis, blocking, channel]) connection.disconnect();
  };
  const pool = await openPool(databaseUrl, log, { maxPoolSize: 1, statementTimeout: 10_000 });
  const stop = new AbortController();
  writers += 1;
  const registry = new Registry();
  const metrics = createWriterMetrics(registry)('main');
  const process = { config, log, metrics, redis, blocking, channel, consumer: `writer-${writers}` };
  const ended = writeLoop(pool, process, stop.signal).finally(async () => {
    disconnect();
    await pool.end();
  });
  ended.catch(() => {}); // a test looks at it when it likes
  return {
    registry,
    ended,
    stop: () => {
      stop.abort();
      return ended;
    },
    kill: async () => {
      stop.abort();
      disconnect();
      await ended.catch(() => {});
    },
  };
}

const patienceMs = 60_000;

/** The error with which a writer ends by itself, which it must within a minute. */
export function endsWith<E extends Error>(
  t: ExecutionContext<unknown>,
  { ended }: Pick<RunningWriter, 'ended'>,
  expected: ThrowsExpectation<E>,
): Promise<ThrownError<E>> {
  const bounded = within(patienceMs, ended, () => {
    throw new Error(`the writer is at work after ${patienceMs / 1_000} s`);
  });
  return t.throwsAsync(bounded, expected);
}

const checkpointRow = z.object({ sequence: z.number() });

export async function checkpointOf(pool: DatabasePool, shard: string): Promise<number> {
  const query = sql.type(checkpointRow)`select sequence from checkpoints where shard = ${shard}`;
  return (await pool.one(query)).sequence;
}

/** Waits until PostgreSQL has everything up to a sequence. */
export async function persistedThrough(pool: DatabasePool, shard: string, sequence: number): Promise<void> {
  await until(async () => (await checkpointOf(pool, shard)) >= sequence, { pauseMs: 5 });
}
