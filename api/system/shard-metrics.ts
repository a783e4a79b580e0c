import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import type { Shards } from '../shard/shards.ts';
import { gaugeIn, newRegistry, patiently } from './asked.ts';
import { persistenceLag } from './persistence-lag.ts';

/**
 * How far each shard has come, as metrics. They are asked of Redis at each call and are the same whichever process asks,
 * so they are not among those that are added up over workers.
 */
export function createShardMetrics(shards: Shards): () => Promise<string> {
  const registry = newRegistry();
  const gauge = gaugeIn(registry, 'shard');
  const up = gauge('redis_up', '1 if Redis told how far the shard has come, 0 if not.');
  const accepted = gauge('accepted_sequence', 'Last sequence that was given to a command.');
  const matched = gauge('matched_sequence', 'Last sequence that is matched.');
  const persisted = gauge('persisted_sequence', 'Last sequence that PostgreSQL has.');
  const unmatched = gauge('unmatched_commands', 'Commands that wait for the matcher.');
  const unpersisted = gauge('unpersisted_reports', 'Reports that wait for PostgreSQL.');
  const lag = gauge('persistence_lag_seconds', 'Age of the oldest command that PostgreSQL lacks.');
  const refused = gauge('refused_reports', 'Times that a report stood alone which PostgreSQL refused.');

  const show = (shard: string, state: State | 'unused' | null): void => {
    up.set({ shard }, state ? 1 : 0);
    if (state === null || state === 'unused') return;
    accepted.set({ shard }, state.accepted);
    matched.set({ shard }, state.matched);
    persisted.set({ shard }, state.persisted);
    unmatched.set({ shard }, state.accepted - state.matched);
    unpersisted.set({ shard }, state.matched - state.persisted);
    lag.set({ shard }, state.lagSeconds);
    refused.set({ shard }, state.refusedReports);
  };
  return async () => {
    const { all } = shards;
    const read = await Promise.all(all.map(({ name, redis }) => patiently(readState(redis, name))));
    registry.resetMetrics();
    read.forEach((state, i) => {
      show(all[i]!.name, state);
    });
    return registry.metrics();
  };
}

type State = {
  readonly accepted: number;
  readonly matched: number;
  readonly persisted: number;
  readonly lagSeconds: number;
  readonly refusedReports: number;
};

async function readState(redis: Redis, shard: string): Promise<State | 'unused'> {
  const { state, dead } = shardKeys(shard);
  const [sequences, refusedReports] = await Promise.all([
    redis.hmget(state, 'sequence', 'matched', 'persisted'),
    redis.xlen(dead),
  ]);
  if (!sequences.every((sequence) => sequence !== null)) return 'unused';
  const [accepted, matched, persisted] = sequences.map(Number) as [number, number, number];
  const lagSeconds = await persistenceLag(redis, shard, { accepted, persisted });
  return { accepted, matched, persisted, lagSeconds, refusedReports };
}
