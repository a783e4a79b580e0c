import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from '../../core/metrics.ts';
import type { ReplicaOutcome } from '../../sql/read-replica.ts';
import type { Shards } from '../shard/shards.ts';

export type ApiMetrics = {
  readonly answered: (method: string, route: string, status: number, seconds: number) => void;
  /** A request was refused because too many commands or reports wait. */
  readonly refusedByBacklog: () => void;
  readonly sockets: SocketMetrics;
  /** What became of a question that the read replica may answer. */
  readonly askedReplica: (outcome: ReplicaOutcome) => void;
};

export type SocketMetrics = {
  readonly opened: () => void;
  readonly closed: () => void;
  /** A socket is ended because its client reads too slowly. */
  readonly tooSlow: () => void;
  /** One is ended because its client broke a rule, or is not who it was any more. */
  readonly refused: () => void;
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
  const replicaReads = new Counter({
    name: 'cardstock_replica_reads_total',
    help: 'Reads that the replica may answer: answered there, or by the primary since it was behind, failed, or rests after that.',
    labelNames: ['outcome'],
    registers,
  });
  showSilence(registry, shards);
  return {
    answered: (method, route, status, seconds) => durations.observe({ method, route, status }, seconds),
    refusedByBacklog: () => refusals.inc(),
    sockets: createSocketMetrics(registry),
    askedReplica: (outcome) => replicaReads.inc({ outcome }),
  };
}

/** Of several workers, that of whichever reads least: clients of each are to be told. */
function showSilence(registry: Registry, shards: Shards): void {
  new Gauge({
    name: 'cardstock_feed_silence_seconds',
    help: 'Time since the api last read the events of a shard, which it does every second at least.',
    labelNames: ['shard'],
    aggregator: 'max',
    collect() {
      for (const { name, reports } of shards.all) this.set({ shard: name }, reports.silence() / 1_000);
    },
    registers: [registry],
  });
}

function createSocketMetrics(registry: Registry): SocketMetrics {
  const registers = [registry];
  const sockets = new Gauge({ name: 'cardstock_sockets', help: 'Sockets that are open.', registers });
  const slow = new Counter({
    name: 'cardstock_slow_sockets_total',
    help: 'Sockets that were ended because their client reads too slowly.',
    registers,
  });
  const refused = new Counter({
    name: 'cardstock_refused_sockets_total',
    help: 'Sockets that were ended because their client broke a rule, or its credentials are not valid any more.',
    registers,
  });
  return {
    opened: () => sockets.inc(),
    closed: () => sockets.dec(),
    tooSlow: () => slow.inc(),
    refused: () => refused.inc(),
  };
}
