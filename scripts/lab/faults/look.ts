// Looks at the servers past the proxies, whatever state they are in.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import { shardKeys } from '../../../core/keys.ts';
import { withPostgres as openPostgres } from '../../../sql/with-postgres.ts';
import { withRedis as openRedis } from '../../launcher/connections.ts';
import type { Actor } from './actor.ts';
import { usualShard } from './orders.ts';
import type { Trap } from './proxy.ts';
import type { Stage, StageServers } from './stage.ts';

export function withRedis<T>(
  { redis }: StageServers,
  use: (client: Redis) => Promise<T>,
  shard = usualShard,
): Promise<T> {
  return openRedis(redis.url, use, { shard, timeoutMs: 5_000 });
}

export function withPostgres<T>({ postgres }: StageServers, use: (client: Client) => Promise<T>): Promise<T> {
  const bounds = { connectionTimeoutMillis: 5_000, query_timeout: 60_000 };
  return openPostgres({ connectionString: postgres.url, ...bounds }, use);
}

export type Progress = { readonly sequence: number; readonly matched: number; readonly persisted: number };

export async function progressOf(stage: StageServers, shard = usualShard): Promise<Progress> {
  const found = await withRedis(
    stage,
    (redis) => redis.hmget(shardKeys(shard).state, 'sequence', 'matched', 'persisted'),
    shard,
  );
  const [sequence = 0, matched = 0, persisted = 0] = found.map(Number);
  return { sequence, matched, persisted };
}

export class StuckError extends Error {}

const patienceMs = 60_000;
const pollMs = 20;

/** Asks until the answer is what is waited for, whatever the asking throws; throws `StuckError`, which names that, after a minute. */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  withinMs = patienceMs,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  let failure = '';
  const ask = async (): Promise<boolean> => {
    try {
      return await isSo();
    } catch (error) {
      failure = `: ${(error as Error).message}`;
      return false;
    }
  };
  while (!(await ask())) {
    if (performance.now() > deadline)
      throw new StuckError(`${what} did not come within ${withinMs / 1_000} s${failure}`);
    await sleep(pollMs);
  }
}

/** Throws `StuckError` if that takes longer; it may still be at work then. */
export async function within<T>(what: string, work: Promise<T>, ms: number): Promise<T> {
  const enough = new AbortController();
  const tooLong = sleep(ms, null, { signal: enough.signal }).then(() => {
    throw new StuckError(`${what} did not end within ${ms / 1_000} s`);
  });
  tooLong.catch(() => {});
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    enough.abort();
  }
}

/**
 * What a look finds while nothing comes in. Clients that pause are not enough: a product's new status is announced once there is a
 * matcher, and orders expire. So the look is taken again if a command came meanwhile.
 */
export async function whileSettled<T>(stage: StageServers, look: () => Promise<T>): Promise<T> {
  for (;;) {
    await untilSettled(stage);
    const before = await sequencesOf(stage);
    const found = await look();
    if ((await sequencesOf(stage)) === before) return found;
  }
}

async function sequencesOf(stage: StageServers): Promise<string> {
  const all = await Promise.all(stage.shards.map((shard) => progressOf(stage, shard)));
  return all.map(({ sequence }) => sequence).join();
}

async function untilSettled(stage: StageServers): Promise<void> {
  for (const shard of stage.shards)
    await until(`that all that ${shard} accepted is in PostgreSQL`, async () => {
      const { sequence, persisted } = await progressOf(stage, shard);
      return sequence === persisted;
    });
  if (stage.shards.length > 1)
    await until('the end of all transfers between shards', async () => {
      const { rows } = await withPostgres(stage, (client) =>
        client.query(`select from shard_transfers where status = 'pending' limit 1`),
      );
      return rows.length === 0;
    });
}

const leaderQuery = `
  select application_name as id, pid from pg_locks join pg_stat_activity using (pid)
  where locktype = 'advisory' and granted and application_name like 'writer-%'`;

export type Leader = { readonly actor: Actor; readonly standby: Actor; readonly backend: number };

/** The writer that holds the lock, and the process of PostgreSQL that serves it. */
export async function leaderOf(stage: Stage): Promise<Leader> {
  let found: { id: string; pid: number } | undefined;
  await until('a writer that leads', async () => {
    const { rows } = await withPostgres(stage, (client) => client.query(leaderQuery));
    found = rows[0];
    return found !== undefined;
  });
  const { writer } = stage.actors;
  const actor = writer.find(({ id }) => id === found!.id)!;
  return { actor, standby: writer.find((other) => other !== actor)!, backend: found!.pid };
}

const attemptMs = 4_000;
const mostAttempts = 10;

/** Springs a trap at the writer that leads. It may have lost its place a moment after it was found: then at the next one. */
export async function springAtLeader(stage: Stage, server: 'redis' | 'postgres', trap: Trap): Promise<Actor> {
  for (let attempts = 1; ; attempts++) {
    const { actor } = await leaderOf(stage);
    try {
      await actor[server].spring(trap, AbortSignal.timeout(attemptMs));
      return actor;
    } catch (error) {
      if (attempts === mostAttempts) throw error;
    }
  }
}
