import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { within } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import { type Snapshot, type ToPrimary, tell } from './messages.ts';

/** A worker that is slower than this is taken as it stood when it last told. */
const patienceMs = 1_000;

/**
 * In the primary: answers scrapes by what all workers count together. What a worker counted stays in the sum when it is
 * gone, since to Prometheus a counter that falls is one that began again.
 */
export function addUpMetrics(log: Log): void {
  const snapshots = new Map<number, Snapshot>();
  const answers = new Map<number, PromiseWithResolvers<void>>();
  let ofTheGone: Snapshot = [];
  let asking: Promise<void> | null = null;

  const ask = (id: number): Promise<void> => {
    const answer = Promise.withResolvers<void>();
    answers.set(id, answer);
    tell(cluster.workers?.[id], { kind: 'tell' });
    return answer.promise;
  };
  const askAll = async (): Promise<void> => {
    await within<unknown>(patienceMs, Promise.all([...snapshots.keys()].map(ask)), () => {});
    asking = null;
  };
  const scrape = async (worker: Worker): Promise<void> => {
    asking ??= askAll();
    await asking;
    const text = await sumOf([ofTheGone, ...snapshots.values()]).metrics();
    tell(worker, { kind: 'totals', text });
  };
  // The worker answers its scrape by 503 when no totals come. A primary that died of it would end every worker.
  const cannotAdd = (error: unknown): void => log.error({ err: error }, 'metrics cannot be added up');

  cluster.on('message', (worker, message: ToPrimary) => {
    if (worker.isDead()) return;
    if (message.kind === 'scrape') scrape(worker).catch(cannotAdd);
    if (message.kind !== 'snapshot' && message.kind !== 'leave') return;
    snapshots.set(worker.id, message.snapshot);
    answers.get(worker.id)?.resolve();
    if (message.kind === 'leave') tell(worker, { kind: 'left' });
  });
  cluster.on('exit', ({ id }) => {
    try {
      ofTheGone = countsOf(sumOf([ofTheGone, snapshots.get(id) ?? []]));
    } catch (error) {
      cannotAdd(error);
    }
    snapshots.delete(id);
    answers.get(id)?.resolve();
    answers.delete(id);
  });
}

function sumOf(snapshots: readonly Snapshot[]): Registry {
  return AggregatorRegistry.aggregate([...snapshots]);
}

/** Without gauges, which are about a process that is there. The declared type of `type` is not what it holds: a word. */
function countsOf(registry: Registry): Snapshot {
  const counts = registry
    .getMetricsAsArray()
    .filter(({ type }) => /^(counter|histogram)$/.test(String(type)));
  return counts as Snapshot;
}
