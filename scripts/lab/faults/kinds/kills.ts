// Processes end at any moment: killed as by a power cut, or asked to stop.

import { appendFileSync, globSync } from 'node:fs';
import { sendSignal } from '../../../launcher/servers/liveness.ts';
import { oneOf } from '../../model/random.ts';
import type { ActorName } from '../actor.ts';
import type { Faults, Play } from '../fault.ts';
import { leaderOf } from '../look.ts';
import type { Server } from '../servers.ts';

/** One process of a kind; of the writers any, whether it leads or stands by. */
function end(name: ActorName, signal: 'SIGKILL' | 'SIGTERM'): (play: Play) => Promise<void> {
  return async ({ stage, random }) => {
    const actor = oneOf(random, stage.actors[name]);
    await actor.end(signal);
    await actor.revive();
  };
}

function killServer(of: (play: Play) => Server): (play: Play) => Promise<void> {
  return async (play) => {
    await of(play).kill();
    await of(play).revive();
  };
}

/** What a write that a power cut tore leaves at the end of the append-only file: it was never answered. */
const torn = '*4\r\n$4\r\nHSET\r\n$12\r\n{main}:sta';

async function tearRedis({ stage: { redis, disks } }: Play): Promise<void> {
  await redis.kill();
  const [last] = globSync(`${disks.redis.folder}/redis/appendonlydir/*.incr.aof`).sort(byNumber).reverse();
  appendFileSync(last!, torn);
  await redis.revive();
}

/** `appendonly.aof.10.incr.aof` comes after `appendonly.aof.9.incr.aof`. */
function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

/** PostgreSQL ends all its sessions and recovers when one of its processes was killed. */
async function killBackend({ stage }: Play): Promise<void> {
  const { backend } = await leaderOf(stage);
  sendSignal(backend, 'SIGKILL');
}

async function killLeader({ stage }: Play): Promise<void> {
  const { actor } = await leaderOf(stage);
  await actor.end('SIGKILL');
  await actor.revive();
}

export const killFaults: Faults = {
  'kill-api': { says: 'kill -9 of the api', weight: 4, play: end('api', 'SIGKILL') },
  'kill-matcher': { says: 'kill -9 of one of two matchers', weight: 4, play: end('matcher', 'SIGKILL') },
  'kill-writer': { says: 'kill -9 of the writer that leads', weight: 4, play: killLeader },
  'kill-redis': { says: 'kill -9 of Redis', weight: 4, play: killServer(({ stage }) => stage.redis) },
  'tear-redis': {
    ...{ says: 'Redis dies in the middle of an append', weight: 4 },
    play: tearRedis,
  },
  'kill-postgres': {
    ...{ says: 'kill -9 of PostgreSQL', weight: 4 },
    play: killServer(({ stage }) => stage.postgres),
  },
  'kill-backend': { says: "kill -9 of PostgreSQL's process for the writer", weight: 4, play: killBackend },
  'term-api': { says: 'SIGTERM of the api', weight: 2, play: end('api', 'SIGTERM') },
  'term-matcher': { says: 'SIGTERM of a matcher', weight: 2, play: end('matcher', 'SIGTERM') },
  'term-writer': { says: 'SIGTERM of a writer', weight: 2, play: end('writer', 'SIGTERM') },
};
