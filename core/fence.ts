import type { Redis } from 'ioredis';
import { shardKeys } from './keys.ts';

/** Too few replicas have what the primary has. Nothing is matched, or confirmed to anyone, until they do. */
export class FewReplicasError extends Error {
  constructor(have: number, wanted: number) {
    super(`${have} replicas of Redis have what it has, and MIN_REPLICAS is ${wanted}`);
    this.name = 'FewReplicasError';
  }
}

/** How long replicas may take before it is tried again. Redis answers nothing else on the connection meanwhile. */
const patienceMs = 1_000;

/**
 * The last sequence given, once so many replicas have it and all before it. WAIT covers what was written before the last
 * command on its connection, by whichever connection. Throws `FewReplicasError`, or what Redis says.
 */
export async function fencedSequence(redis: Redis, shard: string, replicas: number): Promise<number> {
  const [sequence, have] = await Promise.all([
    redis.hget(shardKeys(shard).state, 'sequence'),
    redis.wait(replicas, patienceMs),
  ]);
  if (have < replicas) throw new FewReplicasError(have, replicas);
  return Number(sequence ?? 0);
}
