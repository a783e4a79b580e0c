import type { Redis } from 'ioredis';
import { type DatabasePoolConnection, sql } from 'slonik';
import { z } from 'zod';
import type { Config } from '../core/config.ts';
import { shardKeys } from '../core/keys.ts';
import type { Log } from '../core/log.ts';
import { firstSequenceOf, shardNumberOf } from '../core/order.ts';
import type { Stage } from '../core/traced-stages.ts';
import { traceTime } from '../core/tracing.ts';
import { GapError } from '../core/wire/events.ts';
import { assertWritable } from '../sql/freshness.ts';
import { loadFundings } from '../sql/funding.ts';
import { buildBatch, type Fundings } from './batch.ts';
import type { CommitDelay } from './commit-delay.ts';
import { BehindError, CommitError, LostReportsError } from './errors.ts';
import { openLease, renewLease, whileRenewing } from './lease.ts';
import type { WriterMetrics } from './metrics.ts';
import { noticesOf } from './notices.ts';
import { ensurePartitions } from './partitions.ts';
import { type PreparedBatch, persist, prepareBatch } from './persist.ts';
import { createPublisher } from './publish.ts';
import { firstAfter, openStream, type Stream } from './stream.ts';
import { createSubscribed, type Subscribed } from './subscribed.ts';

export type Writer = {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: WriterMetrics;
  /** Told of each commit, while tracing is on. */
  readonly onCommit?: ((commit: Stage) => void) | null;
  readonly redis: Redis;
  /** A connection of its own, because a blocking read holds up every command behind it. */
  readonly blocking: Redis;
  readonly consumer: string;
  readonly waitForMore: CommitDelay['wait'];
  /** Most reports that a commit may have just now. */
  readonly commitLimit: () => number;
  readonly committed: () => void;
  /** Write what is there already, then return. */
  readonly stopping: () => boolean;
  /** Return after this commit. */
  readonly overdue: () => boolean;
};

/** Longest wait for events. */
const idleMs = 500;
/** How often partitions that are not needed yet are tried for. */
const partitionPauseMs = 2_000;

/**
 * Drains the shard's events through one database session, until it is told to stop or something fails; whoever leads next
 * goes on from the checkpoint. The next batch is read, decoded and encoded while this one is committed.
 */
export async function lead(writer: Writer, connection: DatabasePoolConnection): Promise<void> {
  const { config, metrics, redis } = writer;
  const { shard } = config;
  await assertWritable(connection);
  await connection.query(sql.unsafe`set enable_hashjoin = off`); // changed orders are few: find each by its key
  await connection.query(sql.unsafe`set enable_mergejoin = off`);
  await openLease(connection, config.writerLeaseMs);
  const held = <T>(work: Promise<T>): Promise<T> => whileRenewing(connection, config.writerLeaseMs, work);
  const start = await readCheckpoint(connection, shard);
  await held(assertGoesOn(redis, shard, start));
  const fundings = await loadFundings(connection, shard);
  const stream = await held(openStream(writer, { shard, consumer: writer.consumer, checkpoint: start }));
  const { publish, published } = createPublisher({ redis, shard, retention: config.streamRetention });
  await held(publish(start, []));
  metrics.reached(start);
  writer.log.info({ sequence: start }, 'writing');

  let persisted = start;
  let reachesTo = 0;
  let nextTry = 0;
  const subscribed = createSubscribed();
  await subscribed.refresh(connection);
  const taking = { stream, writer, fundings, subscribed };
  let next = takeBatch(taking);
  const takeNext = async (batch: PreparedBatch | null): Promise<TakenBatch> => {
    if (batch && hadRoom(batch, writer.commitLimit())) await writer.waitForMore(batch.last);
    return takeBatch(taking);
  };
  while (!writer.overdue()) {
    const { batch, entryIds } = await held(next);
    if (!batch && writer.stopping()) break;
    await subscribed.refresh(connection);
    next = takeNext(batch);
    next.catch(() => {}); // awaited above, unless the commit fails first
    if (batch) {
      const isNear = batch.last >= reachesTo - config.partitionSize / 4 && Date.now() >= nextTry;
      if (isNear || batch.last >= reachesTo) {
        reachesTo = await ensurePartitions(connection, batch.last, config.partitionSize);
        nextTry = Date.now() + partitionPauseMs;
      }
      const began = performance.now();
      await commit(connection, batch);
      metrics.committed(batch.last - batch.first + 1, (performance.now() - began) / 1_000, batch.tally);
      writer.onCommit?.({
        first: batch.first,
        last: batch.last,
        start: performance.timeOrigin + began,
        end: traceTime(),
      });
      persisted = batch.last;
      metrics.reached(persisted);
      writer.committed();
    } else await renewLease(connection);
    await held(publish(persisted, entryIds));
  }
  await published();
}

/** It held all that there was; a full one is followed by the next without a pause. */
function hadRoom({ first, last }: PreparedBatch, limit: number): boolean {
  return last - first + 1 < limit;
}

type TakenBatch = { readonly batch: PreparedBatch | null; readonly entryIds: string[] };

type Taking = {
  readonly stream: Stream;
  readonly writer: Writer;
  readonly fundings: Fundings;
  readonly subscribed: Subscribed;
};

async function takeBatch({ stream, writer, fundings, subscribed }: Taking): Promise<TakenBatch> {
  const { reports, entryIds } = await stream.take(writer.commitLimit(), writer.stopping() ? 0 : idleMs);
  if (reports.length === 0) return { batch: null, entryIds };
  const notices = noticesOf(reports, subscribed.traders());
  return { batch: prepareBatch(writer.config.shard, buildBatch(reports, fundings), notices), entryIds };
}

async function commit(connection: DatabasePoolConnection, batch: PreparedBatch): Promise<void> {
  try {
    await persist(connection, batch);
  } catch (error) {
    throw new CommitError(batch, error);
  }
}

async function readCheckpoint(connection: DatabasePoolConnection, shard: string): Promise<number> {
  const row = z.object({ sequence: z.number() });
  const { sequence } = await connection.one(
    sql.type(row)`select sequence from checkpoints where shard = ${shard}`,
  );
  return sequence;
}

/**
 * A Redis that lost data, or was replaced by an older copy, would give sequences again that PostgreSQL has. One that has the
 * commands and lost reports makes the same again. And the stream must have what follows: a gap that a reader meets later only says that another reader, or an answer that was lost, took it.
 */
async function assertGoesOn(redis: Redis, shard: string, checkpoint: number): Promise<void> {
  const [sequence, matched] = await redis.hmget(shardKeys(shard).state, 'sequence', 'matched');
  const unused = checkpoint < firstSequenceOf(shardNumberOf(checkpoint));
  if (typeof sequence !== 'string' ? !unused : Number(sequence) < checkpoint)
    throw new BehindError(shard, checkpoint, sequence ?? null);
  if (Number(matched) <= checkpoint) return;
  const first = (await firstAfter(redis, shard, checkpoint)) ?? Number(matched) + 1;
  if (first > checkpoint + 1) throw new LostReportsError(new GapError(checkpoint + 1, first).message);
}
