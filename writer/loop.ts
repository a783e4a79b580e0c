import type { Redis } from 'ioredis';
import type { CommonQueryMethods, DatabasePool } from 'slonik';
import { shardKeys } from '../core/keys.ts';
import { backoff, sleep } from '../core/lifecycle.ts';
import { tryWriterLock } from '../sql/writer-lock.ts';
import { createCommitDelay } from './commit-delay.ts';
import { CommitError, LostReportsError, PoisonError } from './errors.ts';
import { lead, type Writer } from './lead.ts';
import { withinLease } from './lease.ts';

const standbyMs = 200;
/** Who stands by opens another session now and then: behind the address may be another PostgreSQL. */
const oldestStandbyMs = 60_000;

/** So few reports are never too many. */
const smallCommit = 1_000;

class StandbyOver extends Error {}

type Process = Pick<Writer, 'config' | 'log' | 'metrics' | 'onCommit' | 'redis' | 'blocking' | 'consumer'> & {
  /** For the delay of commits: a connection of its own, because it listens. */
  readonly channel: Redis;
};

/**
 * Writes the shard for as long as this process holds its lock, and stands by while another does. A database or Redis that
 * is away is waited for. A batch that PostgreSQL refuses is tried again by halves, until the report at fault stands alone.
 * Throws `PoisonError` or `LostReportsError`: then only a person can decide how to go on.
 */
export async function writeLoop(pool: DatabasePool, process: Process, signal: AbortSignal): Promise<void> {
  const { config, log, metrics, channel } = process;
  const { shard, commitIntervalMs: intervalMs } = config;
  let limit = config.commitSize;
  let failures = 0;
  let deadline = Number.POSITIVE_INFINITY;
  signal.addEventListener('abort', () => {
    deadline = Date.now() + config.shutdownGraceMs;
  });
  const writer: Writer = {
    ...process,
    waitForMore: createCommitDelay({ channel, shard, intervalMs, signal }).wait,
    commitLimit: () => limit,
    committed: () => {
      limit = Math.min(limit * 2, config.commitSize);
      failures = 0;
    },
    stopping: () => signal.aborted,
    overdue: () => Date.now() > deadline,
  };
  while (!signal.aborted) {
    try {
      await pool.connect(async (connection) => {
        if (!(await becomeWriter(connection, config, signal))) return;
        metrics.leads(true);
        await lead(writer, connection);
      });
    } catch (error) {
      metrics.leads(false);
      if (error instanceof StandbyOver) continue;
      await assertRecoverable(writer, error);
      if (error instanceof CommitError && error.isRefusal) {
        metrics.refused();
        limit = Math.ceil((error.batch.last - error.batch.first + 1) / 2);
        log.error(
          { error: error.message, limit },
          'PostgreSQL refused a batch; looking for the report at fault',
        );
      } else {
        limit = smaller(limit);
        log.warn({ error: String(error) }, 'writing was interrupted; going on from the checkpoint');
        await sleep(backoff(failures++), signal);
      }
    }
  }
}

/** A machine that is too busy to make a batch within a lease would lose its place with each of that size. */
function smaller(limit: number): number {
  return Math.min(limit, Math.max(smallCommit, Math.ceil(limit / 2)));
}

/** Waits for the shard's lock. It belongs to the session, so it is free as soon as its holder is gone. False if told to stop. */
async function becomeWriter(
  connection: CommonQueryMethods,
  { shard, writerLeaseMs }: Writer['config'],
  signal: AbortSignal,
): Promise<boolean> {
  const start = Date.now();
  while (!signal.aborted) {
    if (Date.now() - start > oldestStandbyMs) throw new StandbyOver();
    if (await withinLease(tryWriterLock(connection, shard), writerLeaseMs)) return true;
    await sleep(standbyMs, signal);
  }
  return false;
}

/** Throws if going on would skip something: reports are lost, or one stands alone that PostgreSQL refuses. */
async function assertRecoverable({ redis, config }: Writer, error: unknown): Promise<void> {
  if (error instanceof LostReportsError) throw error;
  if (!(error instanceof CommitError)) return;
  if (error.cause instanceof LostReportsError) throw error.cause;
  const { batch, isRefusal } = error;
  if (!isRefusal || batch.first !== batch.last) return;
  const { dead } = shardKeys(config.shard);
  await redis.xadd(dead, '*', 'sequence', batch.first, 'error', error.message);
  throw new PoisonError(batch.first, error.cause);
}
