import cluster, { type Worker } from 'node:cluster';
import type { Config } from '../../core/config.ts';
import { announceReady, backoff, sleep } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import { tell } from './messages.ts';
import { addUpMetrics } from './totals.ts';

/** A worker that lived so long did not fail at its start, so the next one starts without a wait. */
const settledMs = 10_000;

export type Primary = { readonly config: Config; readonly log: Log; readonly stopping: AbortSignal };

/** Runs `apiWorkers` workers on one port, and another one for each that dies, until told to stop. */
export async function runWorkers({ config, log, stopping }: Primary): Promise<void> {
  addUpMetrics();
  const ready = new Set<number>();
  const onReady = (place: number): void => {
    if (ready.has(place)) return;
    ready.add(place);
    if (ready.size === config.apiWorkers) announceReady(log);
  };
  // A message, because in a terminal the signal reaches the workers too, and a second signal ends them at once.
  stopping.addEventListener('abort', () => {
    for (const worker of Object.values(cluster.workers ?? {})) tell(worker, { kind: 'stop' });
  });
  const places = Array.from({ length: config.apiWorkers }, (_, place) => place);
  await Promise.all(places.map((place) => keepWorker({ log, stopping, onReady: () => onReady(place) })));
}

type Place = { readonly log: Log; readonly stopping: AbortSignal; readonly onReady: () => void };

async function keepWorker({ log, stopping, onReady }: Place): Promise<void> {
  for (let attempt = 0; !stopping.aborted; attempt++) {
    const start = Date.now();
    const worker = cluster.fork();
    worker.on('message', (message) => message === 'ready' && onReady());
    const end = await ended(worker);
    if (stopping.aborted) return;
    log.error({ worker: worker.process.pid, ...end }, 'an api worker died; starting another');
    if (Date.now() - start > settledMs) attempt = 0;
    await sleep(backoff(attempt), stopping);
  }
}

function ended(worker: Worker): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => worker.on('exit', (code, signal) => resolve({ code, signal })));
}
