import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from '../core/metrics.ts';

export type NotifierMetrics = {
  readonly attempted: (outcome: string, seconds: number) => void;
  readonly died: () => void;
};

type Watched = {
  /** Webhooks that are delivered to just now. */
  readonly working: () => number;
  /** Seconds; null if PostgreSQL does not say. */
  readonly lag: () => Promise<number | null>;
};

export function createNotifierMetrics(registry: Registry, { working, lag }: Watched): NotifierMetrics {
  const registers = [registry];
  const attempts = new Histogram({
    name: 'cardstock_webhook_attempt_duration_seconds',
    help: 'Time of an attempt to deliver a message.',
    labelNames: ['outcome'],
    buckets: durationBuckets,
    registers,
  });
  const dead = new Counter({
    name: 'cardstock_webhook_dead_letters_total',
    help: 'Messages that no attempt could deliver.',
    registers,
  });
  new Gauge({
    name: 'cardstock_webhooks_in_work',
    help: 'Webhooks that this notifier delivers to just now.',
    collect() {
      this.set(working());
    },
    registers,
  });
  new Gauge({
    name: 'cardstock_webhook_lag_seconds',
    help: 'Age of the oldest notice that a webhook was not told, of those that do not fail.',
    async collect() {
      const seconds = await lag();
      if (seconds === null) this.remove();
      else this.set(seconds);
    },
    registers,
  });
  return {
    attempted: (outcome, seconds) => attempts.observe({ outcome }, seconds),
    died: () => dead.inc(),
  };
}
