// Processes that hang for longer than anybody waits for them, and then go on as if nothing had been.

import { setTimeout as sleep } from 'node:timers/promises';
import { sendSignal } from '../../../launcher/servers/liveness.ts';
import { processTree } from '../../bench/usage.ts';
import { oneOf } from '../../model/random.ts';
import type { Faults, Play } from '../fault.ts';
import { leaderOf, springAtLeader } from '../look.ts';
import { timeouts } from '../stage.ts';

async function hang(pids: readonly number[], ms: number): Promise<void> {
  for (const pid of pids) sendSignal(pid, 'SIGSTOP');
  await sleep(ms);
  for (const pid of pids) sendSignal(pid, 'SIGCONT');
}

/** Longer than a timeout, by up to a second. */
function longerThan(ms: number, { random }: Play): number {
  return ms + random(200, 1_000);
}

async function hangWriter(play: Play): Promise<void> {
  const { actor } = await leaderOf(play.stage);
  await hang([actor.pid()], longerThan(timeouts.lease, play));
}

/** In the middle of a commit: its answer is there when the writer wakes, and another one leads. */
async function hangInCommit(play: Play): Promise<void> {
  const actor = await springAtLeader(play.stage, 'postgres', { pattern: 'COMMIT', loses: 'answer' });
  await hang([actor.pid()], longerThan(timeouts.lease, play));
  actor.postgres.cut();
}

export const stopFaults: Faults = {
  'hang-api': {
    ...{ says: 'the api hangs', weight: 1 },
    play: (play) => hang([play.stage.actors.api[0]!.pid()], longerThan(timeouts.wait, play)),
  },
  'hang-matcher': {
    ...{ says: 'one of two matchers hangs', weight: 1 },
    play: (play) =>
      hang([oneOf(play.random, play.stage.actors.matcher).pid()], longerThan(timeouts.wait, play)),
  },
  'hang-writer': { says: 'the writer that leads hangs, and wakes', weight: 3, play: hangWriter },
  'hang-commit': { says: 'the writer hangs between COMMIT and its answer', weight: 3, play: hangInCommit },
  'hang-redis': {
    ...{ says: 'Redis hangs', weight: 1 },
    play: (play) => hang([play.stage.redis.pid()], longerThan(timeouts.redis, play)),
  },
  'hang-postgres': {
    ...{ says: 'PostgreSQL hangs, with all its processes', weight: 1 },
    play: (play) => hang(processTree(play.stage.postgres.pid()), longerThan(timeouts.read + 1_000, play)),
  },
};
