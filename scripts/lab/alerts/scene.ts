// A fault that must raise alerts, and with what it is played.

import type { Actor } from '../faults/actor.ts';
import type { Stage } from '../faults/stage.ts';
import type { Client } from './client.ts';
import type { Prometheus, Targets } from './prometheus.ts';

export type Play = {
  readonly stage: Stage;
  readonly client: Client;
  readonly prometheus: Prometheus;
  readonly targets: Targets;
};

export type Scene = {
  readonly says: string;
  /** The alerts that it must bring. */
  readonly alerts: readonly string[];
  readonly cause: (play: Play) => Promise<void>;
  /** Called again and again until the alerts fire, where one act is not enough. */
  readonly goOn?: (play: Play) => Promise<unknown>;
  readonly end: (play: Play) => Promise<void>;
};

export const killAll = async (actors: readonly Actor[]): Promise<void> => {
  await Promise.all(actors.map((actor) => actor.end('SIGKILL')));
};
export const reviveAll = async (actors: readonly Actor[]): Promise<void> => {
  await Promise.all(actors.map((actor) => actor.revive()));
};
