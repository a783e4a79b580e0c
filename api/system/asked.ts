// Metrics that are asked of a server at each scrape. They are the same whichever worker asks, and not added up.

import { Gauge, Registry } from 'prom-client';
import { within } from '../../core/lifecycle.ts';

const patienceMs = 1_000;

/** Null if it fails, or does not answer soon. */
export function patiently<T>(asked: Promise<T>): Promise<T | null> {
  return within<T | null>(
    patienceMs,
    asked.catch(() => null),
    () => null,
  );
}

export function newRegistry(): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process: 'api' });
  return registry;
}

export const gaugeIn =
  <L extends string>(registry: Registry, ...labelNames: L[]) =>
  (name: string, help: string): Gauge<L> =>
    new Gauge({ name: `cardstock_${name}`, help, labelNames, registers: [registry] });
