// Plays each scene until its alerts fire, ends it, and waits until they have ended.

import { setTimeout as sleep } from 'node:timers/promises';
import { openStage, type Stage } from '../faults/stage.ts';
import { startClient } from './client.ts';
import { type AlertsOptions, patienceSeconds } from './options.ts';
import { type Prometheus, startPrometheus, type Targets } from './prometheus.ts';
import type { Play, Scene } from './scene.ts';
import { scenes } from './scenes.ts';

export type Proof = {
  readonly scene: string;
  readonly alert: string;
  /** From the cause until it fired, and from the end of the cause until it ended; null if it never did. */
  readonly firedAfter: number | null;
  readonly endedAfter: number | null;
  /** What fired besides, as a consequence. */
  readonly besides: readonly string[];
};

const settings = {
  MAX_UNMATCHED: '30000',
  // Operators, who send the orders here, are not limited.
  RATE_LIMITS: 'on',
  // A writer that the machine holds up must not lose its place, and with it time, in a scene about something else.
  WRITER_LEASE_MS: '10000',
  // Of nobody, which concerns lists alone.
  DATABASE_READ_URL: 'postgresql://127.0.0.1:1/cardstock',
};

const always = 'CardstockWatchdog';
const pollMs = 250;

type Proving = {
  readonly log: (line: string) => void;
  /** Rejects if it is to stop. */
  readonly interrupted: Promise<never>;
};

/** Whoever calls it ends the process: what was interrupted may still be at work. */
export async function proveAlerts(
  bin: string,
  options: AlertsOptions,
  { log, interrupted }: Proving,
): Promise<Proof[]> {
  const stage = await openStage(settings, { notifiers: 1 });
  const ends: (() => Promise<unknown>)[] = [() => stage.close(false)];
  try {
    const targets = targetsOf(stage);
    const prometheus = await startPrometheus(bin, {
      ...{ folder: `${stage.dataDir}/prometheus`, targets, speed: options.speed },
    });
    ends.push(prometheus.stop);
    const client = startClient(stage.port, stage.token);
    ends.push(client.stop);
    const proofs = playAll({ stage, client, prometheus, targets }, options, log);
    return await Promise.race([proofs, interrupted]);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function targetsOf({ actors }: Stage): Targets {
  return Object.fromEntries(
    Object.entries(actors).map(([name, all]) => [
      `cardstock-${name}`,
      all.map(({ metricsPort }) => metricsPort),
    ]),
  );
}

async function playAll(play: Play, options: AlertsOptions, log: (line: string) => void): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for (const name of options.scenes) {
    await untilQuiet(play.prometheus, options);
    const scene = scenes[name]!;
    log(`${scene.says}: ${scene.alerts.join(', ')}`);
    proofs.push(...(await playScene(play, name, scene, options)));
  }
  return proofs;
}

async function untilQuiet({ firing }: Prometheus, options: AlertsOptions): Promise<void> {
  const deadline = performance.now() + patienceSeconds(options) * 1_000;
  const isQuiet = async () => {
    const names = await firing();
    return names.has(always) && names.size === 1;
  };
  while (!(await isQuiet()) && performance.now() < deadline) await sleep(pollMs);
}

async function playScene(play: Play, name: string, scene: Scene, options: AlertsOptions): Promise<Proof[]> {
  const seen = new Set<string>();
  const began = performance.now();
  await scene.cause(play);
  const fired = await timeUntil(
    scene.alerts,
    async () => {
      await scene.goOn?.(play);
      const names = await play.prometheus.firing();
      for (const other of names) seen.add(other);
      return (alert) => names.has(alert);
    },
    { began, patienceSeconds: patienceSeconds(options) },
  );
  const ended = performance.now();
  await scene.end(play);
  const gone = await timeUntil(
    scene.alerts,
    async () => {
      const names = await play.prometheus.firing();
      return (alert) => !names.has(alert);
    },
    { began: ended, patienceSeconds: patienceSeconds(options) },
  );
  const besides = [...seen].filter((other) => other !== always && !scene.alerts.includes(other)).sort();
  return scene.alerts.map((alert) => {
    const firedAfter = fired.get(alert) ?? null;
    return { scene: name, alert, firedAfter, endedAfter: firedAfter && (gone.get(alert) ?? null), besides };
  });
}

type Patience = { readonly began: number; readonly patienceSeconds: number };

/** Seconds until each of the alerts was first as `look` says; an alert that never was is missing. */
async function timeUntil(
  alerts: readonly string[],
  look: () => Promise<(alert: string) => boolean>,
  { began, patienceSeconds }: Patience,
): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  while (times.size < alerts.length && performance.now() - began < patienceSeconds * 1_000) {
    const isSo = await look();
    for (const alert of alerts)
      if (!times.has(alert) && isSo(alert)) times.set(alert, (performance.now() - began) / 1_000);
    await sleep(pollMs);
  }
  return times;
}
