import { sleep } from '../../core/lifecycle.ts';

/** Behind what was spent lies so many times what it took. */
const restFactor = 4;
/** A shorter rest is none, so that what takes microseconds never waits. */
const leastRestMs = 1;

/** A fifth of the event loop at most, for work that is large now and then. */
export type TimeBudget = {
  /** Milliseconds until more may be spent. */
  readonly rest: () => number;
  /** Resolves once more may be spent. */
  readonly rested: () => Promise<void>;
  readonly spend: <T>(work: () => T) => T;
  /** The same for work in turns of the event loop, which has just ended and took so many milliseconds. */
  readonly spent: (tookMs: number) => void;
};

export function createTimeBudget(): TimeBudget {
  let restUntil = 0;
  const rest = (): number => {
    const left = restUntil - performance.now();
    return left > leastRestMs ? left : 0;
  };
  const spent = (tookMs: number): void => {
    restUntil = Math.max(restUntil, performance.now()) + tookMs * restFactor;
  };
  return {
    rest,
    rested: async () => {
      for (let left = rest(); left > 0; left = rest()) await sleep(left);
    },
    spend: (work) => {
      const start = performance.now();
      try {
        return work();
      } finally {
        spent(performance.now() - start);
      }
    },
    spent,
  };
}
