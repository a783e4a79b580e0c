// Keeps demo.json there for as long as all parts are at work and the api says that it is ready.

import { setTimeout as sleep } from 'node:timers/promises';
import { showDemo } from './demo.ts';

export type Readiness = {
  /** For those who supervise a part: it is of use, or it is no longer. */
  onChange(name: string, isUp: boolean): void;
  /** Asks the api from now on. */
  ask(url: string, signal: AbortSignal): void;
};

const pauseMs = 1_000;
const patienceMs = 5_000;
/** One late answer of a busy machine says little. */
const mostFailures = 2;

export function createReadiness(dataDir: string): Readiness {
  const away = new Set<string>();
  const onChange: Readiness['onChange'] = (name, isUp) => {
    if (isUp) away.delete(name);
    else away.add(name);
    showDemo(dataDir, away.size === 0);
  };
  const askOn = async (url: string, signal: AbortSignal): Promise<void> => {
    for (let failures = 0; !signal.aborted; ) {
      failures = (await isReady(url)) ? 0 : failures + 1;
      if (signal.aborted) return;
      if (failures === 0 || failures >= mostFailures) onChange('api ready', failures === 0);
      await sleep(pauseMs, undefined, { ref: false });
    }
  };
  return { onChange, ask: (url, signal) => void askOn(url, signal) };
}

export async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
