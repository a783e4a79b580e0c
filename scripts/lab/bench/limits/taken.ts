// What a limit took: time, and CPU of its server, which is the steadier figure on a machine that has other work.

import { cpuSeconds } from '../usage.ts';

export type Taken = { readonly seconds: number; readonly cpuSeconds: number };

/** Starts to measure a server; the function that it returns tells what was taken since. */
export function startTimer(server: number): () => Taken {
  const before = cpuSeconds({ server });
  const start = performance.now();
  return () => {
    const seconds = (performance.now() - start) / 1_000;
    return { seconds, cpuSeconds: cpuSeconds({ server }).server! - before.server! };
  };
}
