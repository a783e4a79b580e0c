// Watches an exchange while it works: how far each stage is, and how far it lags behind the one before.

import { setTimeout as sleep } from 'node:timers/promises';
import { shardKeys } from '../../../core/keys.ts';
import { connectRestlessly } from '../../../core/redis.ts';
import type { PrivateExchange } from '../exchange.ts';
import { memoryMegabytes, type Roots } from './usage.ts';

/** Sequences that were taken, matched, and committed in PostgreSQL: of several shards their sums. */
export type Stages = { readonly accepted: number; readonly matched: number; readonly committed: number };

export type Watched = {
  /** Milliseconds of `performance.now()` at which each stage had everything. */
  readonly times: Stages;
  readonly last: Stages;
  /** Most commands that waited for the matcher, and reports that waited for PostgreSQL. */
  readonly peakUnmatched: number;
  readonly peakUncommitted: number;
  readonly peakMemory: Readonly<Record<string, number>>;
};

export type Watch = {
  readonly stages: () => Promise<Stages>;
  /** Looks on until all that was accepted is committed; `isSent` says when nothing more will come. */
  readonly untilCommitted: (isSent: () => boolean, show: (stages: Stages) => void) => Promise<Watched>;
  readonly close: () => void;
};

const pollMs = 20;
const memoryEvery = 25;

export function createWatch(
  { redisUrl, shards }: Pick<PrivateExchange, 'redisUrl' | 'shards'>,
  roots: Roots,
): Watch {
  const looks = shards.map((shard) => lookAt(redisUrl, shard));
  const stages = async (): Promise<Stages> => {
    const all = await Promise.all(looks.map(({ stages }) => stages()));
    const sum = (stage: keyof Stages): number => all.reduce((total, one) => total + one[stage], 0);
    return { accepted: sum('accepted'), matched: sum('matched'), committed: sum('committed') };
  };
  return {
    stages,
    untilCommitted: (isSent, show) => lookOn({ stages, roots, isSent, show }),
    close: () => {
      for (const { close } of looks) close();
    },
  };
}

function lookAt(redisUrl: string, shard: string) {
  const redis = connectRestlessly(redisUrl, pollMs, shard);
  redis.on('error', () => {}); // whoever stops the servers says why
  const { state } = shardKeys(shard);
  return {
    stages: async (): Promise<Stages> => {
      const found = await redis.hmget(state, 'sequence', 'matched', 'persisted');
      const [accepted = 0, matched = 0, committed = 0] = found.map(Number);
      return { accepted, matched, committed };
    },
    close: () => redis.disconnect(),
  };
}

type Looking = {
  readonly stages: () => Promise<Stages>;
  readonly roots: Roots;
  readonly isSent: () => boolean;
  readonly show: (stages: Stages) => void;
};

async function lookOn({ stages, roots, isSent, show }: Looking): Promise<Watched> {
  let [last, times]: Stages[] = [await stages(), { accepted: 0, matched: 0, committed: 0 }] as const;
  let [peakUnmatched, peakUncommitted] = [0, 0];
  const peakMemory: Record<string, number> = {};
  for (let polls = 0; ; polls++) {
    const sent = isSent();
    const now = await stages();
    times = movedTimes(times!, last!, now);
    last = now;
    peakUnmatched = Math.max(peakUnmatched, now.accepted - now.matched);
    peakUncommitted = Math.max(peakUncommitted, now.matched - now.committed);
    if (polls % memoryEvery === 0) {
      for (const [name, megabytes] of Object.entries(memoryMegabytes(roots)))
        peakMemory[name] = Math.max(peakMemory[name] ?? 0, megabytes);
      show(now);
    }
    if (sent && now.committed === now.accepted)
      return { times, last, peakUnmatched, peakUncommitted, peakMemory };
    await sleep(pollMs);
  }
}

/** A stage that has moved has not had everything before now. */
function movedTimes(times: Stages, before: Stages, now: Stages): Stages {
  const at = performance.now();
  const moved = (stage: keyof Stages): number => (now[stage] > before[stage] ? at : times[stage]);
  return { accepted: moved('accepted'), matched: moved('matched'), committed: moved('committed') };
}
