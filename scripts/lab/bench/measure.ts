// One measured load: sends orders, looks on until all of them are committed, and counts what that took.

import { withPostgres } from '../../../sql/with-postgres.ts';
import { count } from '../../console/figures.ts';
import { type Show, withProgress } from '../../console/progress.ts';
import type { PrivateExchange } from '../exchange.ts';
import { type LoadOptions, type LoadResult, startLoad } from './load-process.ts';
import { redisPids, type ServerRoots } from './machine.ts';
import { cpuSeconds, mapValues, type Roots } from './usage.ts';
import { createWatch, type Stages } from './watch.ts';

export type Measured = {
  readonly sent: LoadResult;
  /** Until PostgreSQL's checkpoint had the last sequence. */
  readonly seconds: number;
  readonly perSecond: Stages;
  readonly peakUnmatched: number;
  readonly peakUncommitted: number;
  readonly cpuSeconds: Readonly<Record<string, number>>;
  readonly peakMemoryMegabytes: Readonly<Record<string, number>>;
};

export type LoadPlan = Omit<LoadOptions, 'port' | 'token' | 'file'>;

export async function measureLoad(
  exchange: PrivateExchange,
  servers: ServerRoots,
  plan: LoadPlan,
): Promise<Measured> {
  const { port, token, dataDir } = exchange;
  const load = await startLoad({ ...plan, port, token, file: `${dataDir}/bodies` });
  const own = { ...exchange.otherServers, ...exchange.pids(), load: load.pid };
  try {
    const total = Math.round(plan.orders * (1 + plan.cancels));
    const measured = await measure(exchange, { roots: { ...servers, ...own }, total, send: load.run });
    await assertPlaces(exchange, servers);
    return measured;
  } finally {
    await load.stop();
  }
}

type Sending = {
  readonly roots: Roots;
  /** About how many commands it will be. */
  readonly total: number;
  readonly send: () => Promise<LoadResult>;
};

async function measure(exchange: PrivateExchange, { roots, total, send }: Sending): Promise<Measured> {
  const watch = createWatch(exchange, roots);
  const before = await watch.stages();
  const cpuBefore = cpuSeconds(roots);
  const start = performance.now();
  let isSent = false;
  const sending = send().finally(() => {
    isSent = true;
  });
  // If the load fails, what it has sent is still waited for, and the failure told then.
  sending.catch(() => {});
  const watched = await withProgress((show) =>
    watch.untilCommitted(
      () => isSent,
      (stages) => showStages(show, stages, { before, total }),
    ),
  );
  const sent = await sending;
  await assertCheckpoint(exchange, watched.last.committed);
  const cpuAfter = cpuSeconds(roots);
  watch.close();
  const commands = watched.last.accepted - before.accepted;
  const secondsTo = (at: number): number => (at - start) / 1_000;
  const rate = (at: number): number => commands / secondsTo(at);
  const { times, peakUnmatched, peakUncommitted, peakMemory } = watched;
  return {
    ...{ sent, peakUnmatched, peakUncommitted, peakMemoryMegabytes: peakMemory },
    seconds: secondsTo(times.committed),
    perSecond: {
      accepted: rate(times.accepted),
      matched: rate(times.matched),
      committed: rate(times.committed),
    },
    cpuSeconds: mapValues(cpuAfter, (seconds, name) => seconds - cpuBefore[name]!),
  };
}

type Way = { readonly before: Stages; readonly total: number };

/** Shows how far the commits are, of all that will be sent. */
function showStages(show: Show, { accepted, matched, committed }: Stages, { before, total }: Way): void {
  const done = Math.max(committed - before.committed, 0);
  const lags = `${count(accepted - matched)} to match, ${count(matched - committed)} to commit`;
  show(done / total, `${count(done)} committed, ${lags}`);
}

/** What Redis says of PostgreSQL is what the writer says; here PostgreSQL speaks for itself. */
async function assertCheckpoint({ databaseUrl, shards }: PrivateExchange, committed: number): Promise<void> {
  const { rows } = await withPostgres(databaseUrl, (client) =>
    client.query<{ sequence: string }>(
      'select sum(sequence) as sequence from checkpoints where shard = any($1)',
      [shards],
    ),
  );
  if (Number(rows[0]!.sequence) !== committed)
    throw new Error(`the checkpoints come to ${rows[0]!.sequence} and should come to ${committed}`);
}

/** In a cluster another Redis may take the place of one; its CPU would be counted as another's. */
async function assertPlaces(exchange: PrivateExchange, { redis }: ServerRoots): Promise<void> {
  const now = await redisPids(exchange);
  if (String(now) !== String(redis)) throw new Error('a replica of Redis took the place of its primary');
}
