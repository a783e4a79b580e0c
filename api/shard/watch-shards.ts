import type { DatabasePool } from 'slonik';
import { sleep } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import { loadShards, type ShardRow } from '../../sql/shards.ts';
import type { OpenedShard } from './open.ts';
import type { GrowingShards } from './shards.ts';

/** No command announces a shard, so its row is looked for. */
const pollMs = 1_000;
/** How long a start waits for further shards once there is one. */
const othersMs = 3_000;

export type ShardsWatch = {
  readonly pool: DatabasePool;
  readonly log: Log;
  readonly shards: GrowingShards;
  readonly open: (name: string) => OpenedShard;
};

/**
 * Opens every shard that has a row. `served` resolves once one of them answers and the others do, or have had time to; it throws if
 * none ever will.
 */
export async function openShards(watch: ShardsWatch): Promise<{ readonly served: Promise<void> }> {
  const rows = await loadShards(watch.pool);
  if (rows.length === 0) throw new Error('no shard has a row in checkpoints; run the migration with --seed');
  return { served: firstServed(rows.map((row) => add(watch, row))) };
}

/** Serves shards that are added from now on. */
export async function watchShards(watch: ShardsWatch, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(pollMs, signal);
    if (signal.aborted) return;
    const rows = await loadShards(watch.pool).catch(() => []); // PostgreSQL is away, which others say
    for (const row of rows) if (!watch.shards.has(row.name)) void add(watch, row).catch(() => {});
  }
}

async function add({ log, shards, open }: ShardsWatch, { name, number }: ShardRow): Promise<void> {
  const { shard, started } = open(name);
  shards.add(shard, number);
  try {
    await started;
    log.info({ shard: name }, 'the shard is served');
  } catch (error) {
    log.fatal({ shard: name, err: error }, 'the shard cannot be served by this process');
    throw error;
  }
}

async function firstServed(started: readonly Promise<void>[]): Promise<void> {
  const all = Promise.allSettled(started);
  try {
    await Promise.any(started);
  } catch (error) {
    throw (error as AggregateError).errors[0];
  }
  const enough = new AbortController();
  await Promise.race([all, sleep(othersMs, enough.signal)]);
  enough.abort();
}
