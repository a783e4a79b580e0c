// What processes cost while nobody asks them for anything.

import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, mapValues, memoryMegabytes, type Roots } from '../usage.ts';

export type AtRest = {
  /** Of one core. */
  readonly cpuPercent: Readonly<Record<string, number>>;
  /** Resident: what each process has alone, and the largest share of what they share. */
  readonly memoryMegabytes: Readonly<Record<string, number>>;
};

/** What was asked for just before is still being committed, trimmed and collected. */
const settlingMs = 3_000;

export async function measureAtRest(roots: Roots, seconds: number): Promise<AtRest> {
  await sleep(settlingMs);
  const [before, start] = [cpuSeconds(roots), performance.now()];
  await sleep(seconds * 1_000);
  const took = (performance.now() - start) / 1_000;
  const percent = mapValues(cpuSeconds(roots), (after, name) => ((after - before[name]!) / took) * 100);
  return { cpuPercent: percent, memoryMegabytes: memoryMegabytes(roots) };
}
