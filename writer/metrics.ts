import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from '../core/metrics.ts';
import { createBusinessMetrics } from './business-metrics.ts';
import type { Tally } from './tally.ts';

export type WriterMetrics = {
  readonly leads: (leads: boolean) => void;
  /** PostgreSQL has everything up to a sequence: where this writer starts, or its last commit. */
  readonly reached: (sequence: number) => void;
  readonly committed: (commands: number, seconds: number, tally: Tally) => void;
  readonly refused: () => void;
};

/** By shard, as a writer may serve several. */
export function createWriterMetrics(registry: Registry): (shard: string) => WriterMetrics {
  const common = { labelNames: ['shard'], registers: [registry] };
  const traded = createBusinessMetrics(registry);
  const leading = new Gauge({
    name: 'cardstock_writer_leads',
    help: '1 while this writer writes its shard, 0 while it stands by.',
    ...common,
  });
  const sequence = new Gauge({
    name: 'cardstock_committed_sequence',
    help: 'Last sequence that this writer knows to be in PostgreSQL.',
    ...common,
  });
  const sizes = new Histogram({
    name: 'cardstock_commit_commands',
    help: 'Commands of a commit.',
    buckets: [1, 10, 50, 100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000],
    ...common,
  });
  const durations = new Histogram({
    name: 'cardstock_commit_duration_seconds',
    help: 'Time of a transaction from its begin to its commit.',
    buckets: durationBuckets,
    ...common,
  });
  const refusals = new Counter({
    name: 'cardstock_refused_batches_total',
    help: 'Batches that PostgreSQL refused for what they held.',
    ...common,
  });
  return (shard) => {
    const labels = { shard };
    const tell = traded(shard);
    leading.set(labels, 0);
    refusals.inc(labels, 0);
    for (const histogram of [sizes, durations]) histogram.zero(labels);
    return {
      leads: (leads) => leading.set(labels, leads ? 1 : 0),
      reached: (last) => sequence.set(labels, last),
      committed: (commands, seconds, tally) => {
        tell(tally);
        sizes.observe(labels, commands);
        durations.observe(labels, seconds);
      },
      refused: () => refusals.inc(labels),
    };
  };
}
