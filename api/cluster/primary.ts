import cluster from 'node:cluster';
import { aborted, announceReady } from '../../core/lifecycle.ts';
import { keepWorker, type Primary } from './kept-worker.ts';
import { tell } from './messages.ts';
import { addUpMetrics } from './totals.ts';

/** Runs `apiWorkers` workers on one port until told to stop, and on SIGHUP gives each of them a successor. */
export async function runWorkers(primary: Primary): Promise<void> {
  const { config, log, stopping } = primary;
  addUpMetrics(log);
  const workers = new Set(Array.from({ length: config.apiWorkers }, () => keepWorker(primary)));
  const ready = Promise.all([...workers].map((worker) => worker.ready));
  const roll = async (): Promise<void> => {
    await ready;
    log.info('replacing the workers, one after another');
    for (const worker of [...workers]) {
      const successor = keepWorker(primary);
      workers.add(successor);
      await Promise.race([successor.ready, aborted(stopping)]);
      if (stopping.aborted) return;
      await worker.retire();
      workers.delete(worker);
    }
    log.info('all workers are replaced');
  };
  process.on('SIGHUP', oneAtATime(roll));
  // A message, because in a terminal the signal reaches the workers too, and a second signal ends them at once.
  stopping.addEventListener('abort', () => {
    for (const worker of Object.values(cluster.workers ?? {})) tell(worker, { kind: 'stop' });
  });
  await Promise.race([ready, aborted(stopping)]);
  if (!stopping.aborted) announceReady(log);
  await aborted(stopping);
  await Promise.all([...workers].map((worker) => worker.ended));
}

/** Calls while the work is under way have it done once more, together. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let isWanted = false;
  let isUnderWay = false;
  return async () => {
    isWanted = true;
    if (isUnderWay) return;
    isUnderWay = true;
    while (isWanted) {
      isWanted = false;
      await work();
    }
    isUnderWay = false;
  };
}
