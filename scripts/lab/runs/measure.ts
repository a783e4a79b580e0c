// Measures what single runs of the matching script cost Redis.

import type { Redis } from 'ioredis';
import { keysOfShard } from '../../../core/keys.ts';
import type { Command } from '../../../core/wire/commands.ts';
import {
  createSubmit,
  match,
  mostCommandsAnEntry,
  prepareShard,
  type RunBounds,
} from '../../../matcher/client.ts';
import type { Shape } from './worst.ts';

/** Times in milliseconds; those of CPU are of Redis' own thread. */
export type Measured = {
  readonly runs: number;
  readonly mostSteps: number;
  readonly meanCpu: number;
  readonly mostCpu: number;
  /** Of all runs together. */
  readonly cpu: number;
  /** How long Redis kept another client waiting at most. */
  readonly longestPing: number;
};

const limits = { maxUnmatched: 1_000_000, maxUnpersisted: 10_000_000, clientOidWindowMs: 60_000 };

export async function measureRuns(
  redis: Redis,
  { before, measured }: Shape,
  bounds: RunBounds,
): Promise<Measured> {
  const shard = 'runs';
  await clear(redis, shard);
  await prepareShard(redis, shard, 0);
  await submit(redis, shard, before);
  while (await isAtWork(redis, shard, bounds));
  await submit(redis, shard, measured);
  const probe = startProbe(redis);
  const [steps, costs]: [number[], number[]] = [[], []];
  for (;;) {
    const from = await cpuOf(redis);
    const run = await match(redis, shard, bounds);
    if (run.applied === 0 && run.steps === 0) break;
    costs.push((await cpuOf(redis)) - from);
    steps.push(run.steps);
  }
  const longestPing = await probe.stop();
  await clear(redis, shard);
  const cpu = costs.reduce((sum, cost) => sum + cost, 0);
  return {
    ...{ runs: costs.length, mostSteps: Math.max(...steps), meanCpu: cpu / costs.length },
    ...{ mostCpu: Math.max(...costs), cpu, longestPing },
  };
}

async function isAtWork(redis: Redis, shard: string, bounds: RunBounds): Promise<boolean> {
  const { applied, steps } = await match(redis, shard, bounds);
  return applied > 0 || steps > 0;
}

async function submit(redis: Redis, shard: string, commands: readonly Command[]): Promise<void> {
  for (let from = 0; from < commands.length; ) {
    const head = commands[from]!;
    // A batch and its orders are taken together.
    const size = head.kind === 'batch' ? head.count + 1 : mostCommandsAnEntry;
    await createSubmit(redis, shard, limits)(commands.slice(from, from + size));
    from += size;
  }
}

async function clear(redis: Redis, shard: string): Promise<void> {
  const keys = await redis.keys(keysOfShard(shard));
  if (keys.length > 0) await redis.unlink(...keys);
}

/** What Redis' main thread has had, in milliseconds. */
async function cpuOf(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = (name: string): number => Number(new RegExp(`^${name}:(.*)`, 'm').exec(info)![1]);
  return 1_000 * (seconds('used_cpu_user_main_thread') + seconds('used_cpu_sys_main_thread'));
}

function startProbe(redis: Redis) {
  const other = redis.duplicate();
  let [longest, isOver] = [0, false];
  const probing = (async () => {
    await other.ping();
    while (!isOver) {
      const start = performance.now();
      await other.ping();
      longest = Math.max(longest, performance.now() - start);
    }
  })();
  return {
    stop: async (): Promise<number> => {
      isOver = true;
      await probing;
      other.disconnect();
      return longest;
    },
  };
}
