import { createDeadlines } from './deadlines.ts';
import { LagError } from './errors.ts';

/** How far something has come along the sequence, for those who wait for it to get somewhere. */
export type Progress = {
  readonly at: () => number;
  /** May go back, when what has come so far is thrown away. */
  readonly moveTo: (sequence: number) => void;
  /** Resolves once it is at that sequence or beyond. Throws `LagError` after the timeout. */
  readonly through: (sequence: number) => Promise<void>;
  readonly isAwaited: () => boolean;
  /** Lets everyone who waits have the error. */
  readonly fail: (error: Error) => void;
};

type Waiter = {
  readonly sequence: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
};

/** `what` is named in the error: `<what> lags`. Starts before every sequence. */
export function createProgress({ what, timeoutMs }: { what: string; timeoutMs: number }): Progress {
  const waiting = new Set<Waiter>();
  let at = -1;
  const remove = (waiter: Waiter): Waiter => {
    waiting.delete(waiter);
    deadlines.delete(waiter);
    return waiter;
  };
  const deadlines = createDeadlines<Waiter>(timeoutMs, (waiter) =>
    remove(waiter).reject(new LagError(`${what} lags: it is at ${at}, waited for ${waiter.sequence}`)),
  );
  return {
    at: () => at,
    moveTo: (sequence) => {
      at = sequence;
      for (const waiter of waiting) if (waiter.sequence <= at) remove(waiter).resolve();
    },
    through: (sequence) => {
      if (sequence <= at) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const waiter = { sequence, resolve, reject };
        waiting.add(waiter);
        deadlines.add(waiter);
      });
    },
    isAwaited: () => waiting.size > 0,
    fail: (error) => {
      for (const waiter of waiting) remove(waiter).reject(error);
      deadlines.clear(); // its timer would hold up the end of the process
    },
  };
}
