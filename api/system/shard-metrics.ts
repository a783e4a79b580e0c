import type { Redis } from 'ioredis';
import { Gauge, Registry } from 'prom-client';
import { shardKeys } from '../../core/keys.ts';
import { within } from '../../core/lifecycle.ts';
import type { Shard } from '../shard/shard.ts';

const patienceMs = 1_000;

/**
 * How far each shard has come, as metrics. They are asked of Redis at each call and are the same whichever process asks,
 * so they are not among those that are added up over workers. `redis` fails at once while Redis is away: `connectOnce`.
 */
export function createShardMetrics(redis: Redis, shards: readonly Shard[]): () => Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ process: 'api' });
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `cardstock_${name}`, help, labelNames: ['shard'], registers: [registry] });
  const up = gauge('redis_up', '1 if Redis told how far the shard has come, 0 if not.');
  const accepted = gauge('accepted_sequence', 'Last sequence that was given to a command.');
  const matched = gauge('matched_sequence', 'Last sequence that is matched.');
  const persisted = gauge('persisted_sequence', 'Last sequence that PostgreSQL has.');
  const unmatched = gauge('unmatched_commands', 'Commands that wait for the matcher.');
  const unpersisted = gauge('unpersisted_reports', 'Reports that wait for PostgreSQL.');

  const show = (shard: string, sequences: Sequences | null): void => {
    up.set({ shard }, sequences ? 1 : 0);
    if (!sequences?.every((sequence) => sequence !== null)) return;
    const [last, done, stored] = sequences.map(Number) as [number, number, number];
    accepted.set({ shard }, last);
    matched.set({ shard }, done);
    persisted.set({ shard }, stored);
    unmatched.set({ shard }, last - done);
    unpersisted.set({ shard }, done - stored);
  };
  return async () => {
    const read = await Promise.all(shards.map(({ name }) => readSequences(redis, name)));
    registry.resetMetrics();
    read.forEach((sequences, i) => {
      show(shards[i]!.name, sequences);
    });
    return registry.metrics();
  };
}

/** Accepted, matched and persisted; each null if the shard was never used. */
type Sequences = readonly (string | null)[];

/** Null if Redis does not answer soon. */
function readSequences(redis: Redis, shard: string): Promise<Sequences | null> {
  const read = redis.hmget(shardKeys(shard).state, 'sequence', 'matched', 'persisted').catch(() => null);
  return within<Sequences | null>(patienceMs, read, () => null);
}
