// One measured load: sends orders, looks on until all of them are committed, and counts what that took.

import { Client } from 'pg';
import { createProgressBar } from '../../launcher/progress-bar.ts';
import type { BenchExchange } from './exchange.ts';
import { type LoadOptions, type LoadResult, startLoad } from './load-process.ts';
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

type Servers = { readonly redis: number; readonly postgres: number };
export type LoadPlan = Omit<LoadOptions, 'port' | 'token' | 'file'>;

export async function measureLoad(
  exchange: BenchExchange,
  servers: Servers,
  plan: LoadPlan,
): Promise<Measured> {
  const { port, token, dataDir, processes } = exchange;
  const load = await startLoad({ ...plan, port, token, file: `${dataDir}/bodies` });
  const { api, matcher, writer } = processes;
  const pidOf = ({ child }: typeof api): number => child.pid!;
  const own = { api: pidOf(api), matcher: pidOf(matcher), writer: pidOf(writer), load: load.pid };
  try {
    const total = Math.round(plan.orders * (1 + plan.cancels));
    return await measure(exchange, { roots: { ...servers, ...own }, total, send: load.run });
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

async function measure(exchange: BenchExchange, { roots, total, send }: Sending): Promise<Measured> {
  const watch = createWatch(exchange.redisUrl, roots);
  const before = await watch.stages();
  const cpuBefore = cpuSeconds(roots);
  const start = performance.now();
  let isSent = false;
  const sending = send().finally(() => {
    isSent = true;
  });
  // If the load fails, what it has sent is still waited for, and the failure told then.
  sending.catch(() => {});
  const bar = barOf(total, before);
  const watched = await watch.untilCommitted(() => isSent, bar.show);
  bar.end();
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

/** Shows how far the commits are, of all that will be sent. */
function barOf(total: number, before: Stages): { show: (stages: Stages) => void; end: () => void } {
  const bar = createProgressBar(total);
  const count = (n: number): string => Math.max(n, 0).toLocaleString('en-US');
  return {
    show: ({ accepted, matched, committed }) =>
      bar.show(
        committed - before.committed,
        `${count(committed - before.committed)} committed, ${count(accepted - matched)} to match, ${count(matched - committed)} to commit`,
      ),
    end: bar.end,
  };
}

/** What Redis says of PostgreSQL is what the writer says; here PostgreSQL speaks for itself. */
async function assertCheckpoint({ databaseUrl }: BenchExchange, sequence: number): Promise<void> {
  const client = new Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query<{ sequence: string }>('select sequence from checkpoints');
  await client.end();
  if (Number(rows[0]!.sequence) !== sequence)
    throw new Error(`the checkpoint is at ${rows[0]!.sequence} and should be at ${sequence}`);
}
