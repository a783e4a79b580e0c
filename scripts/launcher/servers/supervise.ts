// Keeps a program running: one that ends by itself is started again, later and later while it keeps failing.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';
import type { Started } from './process.ts';

export type Supervised = {
  /** Settles with the first start; a first failure is final, for then something is wrong that time does not mend. */
  ready: Promise<void>;
  stop(): Promise<void>;
  /** For those who do not want to wait for `stop`. */
  kill(): void;
};

export type Task = {
  name: string;
  launch(): Promise<Started>;
  log: Log;
  /** Told when it is of use, and when it is no longer. */
  onChange?: ((name: string, isUp: boolean) => void) | undefined;
  /** How long one that ended stays away, at first. */
  restartAfterMs?: number;
};

const usualDelayMs = 500;
const longestDelayMs = 10_000;
/** After so long a run the next failure counts as the first. */
const soundRunMs = 30_000;

export function supervise({
  name,
  launch,
  log,
  onChange,
  restartAfterMs: firstDelayMs = usualDelayMs,
}: Task): Supervised {
  const stopping = new AbortController();
  let current: Started | undefined;

  const startOnce = async (): Promise<void> => {
    current = await launch();
    if (stopping.signal.aborted) await current.stop();
    await current.ready;
    onChange?.(name, true);
  };

  const pause = (ms: number): Promise<unknown> =>
    sleep(ms, undefined, { signal: stopping.signal }).catch(() => {});

  const startAgain = async (delayMs: number): Promise<void> => {
    await pause(delayMs);
    if (stopping.signal.aborted) return;
    try {
      await startOnce();
      log(`${name} is back.`);
    } catch (error) {
      if (!stopping.signal.aborted) log((error as Error).message);
    }
  };

  const watch = async (): Promise<void> => {
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
      const since = Date.now();
      const how = await current?.exited;
      if (stopping.signal.aborted) return;
      onChange?.(name, false);
      if (Date.now() - since > soundRunMs) delayMs = firstDelayMs;
      log(`${name} ended unexpectedly (${how}); starting it again in ${delayMs / 1_000} s.`);
      await startAgain(delayMs);
    }
  };

  const ready = startOnce();
  const watching = ready.then(watch, () => {});

  return {
    ready,
    stop: async () => {
      stopping.abort();
      await current?.stop();
      await watching;
    },
    kill: () => {
      stopping.abort();
      current?.child.kill('SIGKILL');
    },
  };
}
