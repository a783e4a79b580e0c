import type { Worker } from 'node:cluster';
import type { Registry } from 'prom-client';

/** The metrics of one worker as they stand. */
export type Snapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** What the primary tells a worker. */
export type ToWorker =
  /** End; somebody waits for it. */
  | { readonly kind: 'stop' }
  /** End, and let every connection be used once more: another worker has taken the place. */
  | { readonly kind: 'retire' }
  | { readonly kind: 'tell' }
  /** The answer to `scrape`. */
  | { readonly kind: 'totals'; readonly text: string }
  /** The answer to `leave`. */
  | { readonly kind: 'left' };

/** What a worker tells the primary, besides that it is ready. */
export type ToPrimary =
  | { readonly kind: 'scrape' }
  /** The answer to `tell`, and the first that a worker says. */
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  /** The last that a worker says. */
  | { readonly kind: 'leave'; readonly snapshot: Snapshot };

/** A worker that is gone needs to be told nothing. */
export function tell(worker: Worker | undefined, message: ToWorker): void {
  if (worker?.isConnected()) worker.send(message, () => {});
}
