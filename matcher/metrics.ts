import { Counter, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from '../core/metrics.ts';

export type MatcherMetrics = {
  /** A run matched commands; a run that finds none is not told. */
  readonly ran: (commands: number, seconds: number) => void;
  readonly failed: () => void;
};

export function createMatcherMetrics(registry: Registry): MatcherMetrics {
  const registers = [registry];
  const matched = new Counter({
    name: 'cardstock_matched_commands_total',
    help: 'Commands that this matcher has matched.',
    registers,
  });
  const sizes = new Histogram({
    name: 'cardstock_run_commands',
    help: 'Commands of a matching run.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000],
    registers,
  });
  const durations = new Histogram({
    name: 'cardstock_run_duration_seconds',
    help: 'Time from the call of a matching run to its answer.',
    buckets: durationBuckets,
    registers,
  });
  const failures = new Counter({
    name: 'cardstock_run_failures_total',
    help: 'Matching runs that failed.',
    registers,
  });
  return {
    ran: (commands, seconds) => {
      matched.inc(commands);
      sizes.observe(commands);
      durations.observe(seconds);
    },
    failed: () => failures.inc(),
  };
}
