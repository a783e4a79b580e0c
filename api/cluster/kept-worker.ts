import cluster, { type Worker } from 'node:cluster';
import type { Config } from '../../core/config.ts';
import { backoff, sleep, within } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import { tell } from './messages.ts';

/** A worker that lived so long did not fail at its start, so the wait before the next one is the shortest again. */
const settledMs = 10_000;
/** What the end of a worker may take beyond the grace that its connections have. */
const endingMs = 5_000;

/** A worker, or the one that took over when it died. */
export type KeptWorker = {
  /** Resolves once one of them answers requests. */
  readonly ready: Promise<void>;
  /** Resolves when the last of them is gone. */
  readonly ended: Promise<void>;
  /** Lets the worker end, or kills it if it does not; no other one takes over. */
  readonly retire: () => Promise<void>;
};

export type Primary = { readonly config: Config; readonly log: Log; readonly stopping: AbortSignal };

/** Keeps one worker at work, and starts another one when it dies, until told to stop or the worker is to retire. */
export function keepWorker({ config, log, stopping }: Primary): KeptWorker {
  const ready = Promise.withResolvers<void>();
  const retiring = new AbortController();
  const over = AbortSignal.any([stopping, retiring.signal]);
  let worker: Worker | undefined;
  const keep = async (): Promise<void> => {
    for (let attempt = 0; !over.aborted; attempt++) {
      const start = Date.now();
      worker = cluster.fork();
      worker.on('message', (message) => message === 'ready' && ready.resolve());
      const end = await endOf(worker);
      if (over.aborted) return;
      log.error({ worker: worker.process.pid, ...end }, 'an api worker died; starting another');
      if (Date.now() - start > settledMs) attempt = 0;
      await sleep(backoff(attempt), over);
    }
  };
  const ended = keep();
  return {
    ready: ready.promise,
    ended,
    retire: async () => {
      retiring.abort();
      tell(worker, { kind: 'retire' });
      await within(config.shutdownGraceMs + endingMs, ended, () => {
        log.error({ worker: worker?.process.pid }, 'an api worker does not end; killing it');
        worker?.process.kill('SIGKILL');
      });
      await ended;
    },
  };
}

function endOf(worker: Worker): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => worker.on('exit', (code, signal) => resolve({ code, signal })));
}
