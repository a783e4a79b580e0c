import type { Redis } from 'ioredis';
import { type DatabasePoolConnection, sql } from 'slonik';
import { z } from 'zod';
import type { Config } from '../core/config.ts';
import { GapError } from '../core/events.ts';
import { shardKeys } from '../core/keys.ts';
import type { Log } from '../core/log.ts';
import { firstSequenceOf, shardNumberOf } from '../core/order.ts';
import { loadFundings } from '../sql/funding.ts';
import { type Batch, buildBatch, type Fundings } from './batch.ts';
import { CommitError, LostReportsError } from './errors.ts';
import type { WriterMetrics } from './metrics.ts';
import { ensurePartitions } from './partitions.ts';
import { persist } from './persist.ts';
import { openStream, publishPersisted, type Stream, trimStreams } from './stream.ts';

export type Writer = {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: WriterMetrics;
  readonly redis: Redis;
  /** A connection of its own, because a blocking read holds up every command behind it. */
  readonly blocking: Redis;
  readonly consumer: string;
  /** Most reports that a commit may have just now. */
  readonly commitLimit: () => number;
  readonly committed: () => void;
  /** Write what is there already, then return. */
  readonly stopping: () => boolean;
  /** Return after this commit. */
  readonly overdue: () => boolean;
};

const idleMs = 500;

/**
 * Drains the shard's events through one database session, until it is told to stop or something fails; whoever leads next
 * goes on from the checkpoint. The next batch is read and decoded while this one is committed.
 */
export async function lead(writer: Writer, connection: DatabasePoolConnection): Promise<void> {
  const { config, metrics, redis } = writer;
  const { shard } = config;
  await connection.query(sql.unsafe`set enable_hashjoin = off`); // changed orders are few: find each by its key
  await connection.query(sql.unsafe`set enable_mergejoin = off`);
  const start = await readCheckpoint(connection, shard);
  await assertNotAhead(redis, shard, start);
  const fundings = await loadFundings(connection, shard);
  const stream = await openStream(writer, { shard, consumer: writer.consumer, checkpoint: start });
  await publishPersisted(redis, shard, start, []);
  metrics.reached(start);
  writer.log.info({ shard, checkpoint: start }, 'writing');

  let persisted = start;
  let reachesTo = 0;
  let trimmed = start;
  const taking = { stream, writer, fundings };
  let next = takeBatch(taking);
  while (!writer.overdue()) {
    const { batch, entryIds } = await next.catch((error) => rethrowGap(error, persisted === start));
    if (!batch && writer.stopping()) return;
    next = takeBatch(taking);
    next.catch(() => {}); // awaited above, unless the commit fails first
    if (batch) {
      if (batch.last >= reachesTo - config.partitionSize / 4) {
        reachesTo = await ensurePartitions(connection, batch.last, config.partitionSize);
      }
      const began = performance.now();
      await commit(connection, shard, batch);
      metrics.committed(batch.last - batch.first + 1, (performance.now() - began) / 1_000);
      persisted = batch.last;
      metrics.reached(persisted);
      writer.committed();
    }
    await publishPersisted(redis, shard, persisted, entryIds);
    if (persisted - trimmed > config.streamRetention / 10) {
      await trimStreams(redis, shard, persisted, config.streamRetention);
      trimmed = persisted;
    }
  }
}

type TakenBatch = { readonly batch: Batch | null; readonly entryIds: string[] };

type Taking = { readonly stream: Stream; readonly writer: Writer; readonly fundings: Fundings };

async function takeBatch({ stream, writer, fundings }: Taking): Promise<TakenBatch> {
  const taken = await stream.take(writer.commitLimit(), writer.stopping() ? 0 : idleMs);
  return {
    batch: taken.reports.length > 0 ? buildBatch(taken.reports, fundings) : null,
    entryIds: taken.entryIds,
  };
}

async function commit(connection: DatabasePoolConnection, shard: string, batch: Batch): Promise<void> {
  try {
    await persist(connection, shard, batch);
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

/** A Redis that lost data, or was replaced by an older copy, would give sequences again that PostgreSQL has. */
async function assertNotAhead(redis: Redis, shard: string, checkpoint: number): Promise<void> {
  const matched = await redis.hget(shardKeys(shard).state, 'matched');
  const unused = checkpoint < firstSequenceOf(shardNumberOf(checkpoint));
  if (matched === null ? unused : Number(matched) >= checkpoint) return;
  throw new LostReportsError(
    `PostgreSQL holds shard ${shard} up to ${checkpoint}, but Redis has matched it up to ${matched ?? 'nothing'} only`,
  );
}

/** A gap right behind the checkpoint is one in the stream. Later, another writer may have taken what is missing. */
function rethrowGap(error: unknown, fresh: boolean): never {
  if (error instanceof GapError && fresh) throw new LostReportsError(error.message);
  throw error;
}
