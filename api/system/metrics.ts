import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from '../../core/metrics.ts';
import type { Shards } from '../shard/shards.ts';

export type ApiMetrics = {
  readonly answered: (method: string, route: string, status: number, seconds: number) => void;
  /** A request was refused because too many commands or reports wait. */
  readonly refusedByBacklog: () => void;
};

export function createApiMetrics(registry: Registry, shards: Shards): ApiMetrics {
  const registers = [registry];
  const durations = new Histogram({
    name: 'cardstock_http_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: durationBuckets,
    registers,
  });
  const refusals = new Counter({
    name: 'cardstock_backlog_refusals_total',
    help: 'Requests that were answered 503 because too many commands or reports wait.',
    registers,
  });
  new Gauge({
    name: 'cardstock_awaited_verdicts',
    help: 'Commands whose verdict a request waits for.',
    labelNames: ['shard'],
    collect() {
      for (const { name, awaitedVerdicts } of shards.all) this.set({ shard: name }, awaitedVerdicts());
    },
    registers,
  });
  return {
    answered: (method, route, status, seconds) => durations.observe({ method, route, status }, seconds),
    refusedByBacklog: () => refusals.inc(),
  };
}
