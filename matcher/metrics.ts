import { Counter, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from '../core/metrics.ts';

export type MatcherMetrics = {
  /** A run matched commands; a run that finds none is not told. */
  readonly ran: (commands: number, seconds: number) => void;
  readonly failed: () => void;
};

/** By shard, as a matcher may serve several. */
export function createMatcherMetrics(registry: Registry): (shard: string) => MatcherMetrics {
  const common = { labelNames: ['shard'], registers: [registry] };
  const matched = new Counter({
    name: 'cardstock_matched_commands_total',
    help: 'Commands that this matcher has matched.',
    ...common,
  });
  const sizes = new Histogram({
    name: 'cardstock_run_commands',
    help: 'Commands of a matching run.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000],
    ...common,
  });
  const durations = new Histogram({
    name: 'cardstock_run_duration_seconds',
    help: 'Time from the call of a matching run to its answer.',
    buckets: durationBuckets,
    ...common,
  });
  const failures = new Counter({
    name: 'cardstock_run_failures_total',
    help: 'Matching runs that failed.',
    ...common,
  });
  return (shard) => {
    const labels = { shard };
    for (const counter of [matched, failures]) counter.inc(labels, 0);
    for (const histogram of [sizes, durations]) histogram.zero(labels);
    return {
      ran: (commands, seconds) => {
        matched.inc(labels, commands);
        sizes.observe(labels, commands);
        durations.observe(labels, seconds);
      },
      failed: () => failures.inc(labels),
    };
  };
}
