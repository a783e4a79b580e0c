// Connections to Redis and PostgreSQL that break, are slow, or fall silent without a word; and a clock that jumps.

import { setTimeout as sleep } from 'node:timers/promises';
import { oneOf } from '../../model/random.ts';
import type { Faults, Play } from '../fault.ts';
import type { TcpProxy } from '../proxy.ts';
import { timeouts } from '../stage.ts';

type ServerName = 'redis' | 'postgres';

function proxiesTo(name: ServerName, { stage }: Play): TcpProxy[] {
  return Object.values(stage.actors).flatMap((actors) => actors.map((actor) => actor[name]));
}

async function cut(name: ServerName, play: Play): Promise<void> {
  for (const proxy of proxiesTo(name, play)) proxy.cut();
}

async function delay(name: ServerName, play: Play): Promise<void> {
  const ms = play.random(20, 200);
  for (const proxy of proxiesTo(name, play)) proxy.delay(ms);
  await sleep(1_000);
  for (const proxy of proxiesTo(name, play)) proxy.delay(0);
}

/** As behind a firewall that has forgotten them. */
async function silence(name: ServerName, play: Play): Promise<void> {
  for (const proxy of proxiesTo(name, play)) proxy.silence();
  await sleep(timeouts.redis);
}

const hourMs = 3_600_000;

/** The time of a command is the api's. */
async function shiftClock({ stage, random }: Play): Promise<void> {
  const [api] = stage.actors.api;
  for (const shiftMs of [oneOf(random, [-1, 1]) * random(1, 48) * hourMs, 0]) {
    api!.send({ shiftMs });
    await sleep(500);
  }
}

export const networkFaults: Faults = {
  'cut-redis': { says: 'all connections to Redis break', weight: 4, play: (play) => cut('redis', play) },
  'cut-postgres': {
    ...{ says: 'all connections to PostgreSQL break', weight: 4 },
    play: (play) => cut('postgres', play),
  },
  'slow-redis': { says: 'Redis is 20 to 200 ms away', weight: 1, play: (play) => delay('redis', play) },
  'slow-postgres': {
    ...{ says: 'PostgreSQL is 20 to 200 ms away', weight: 1 },
    play: (play) => delay('postgres', play),
  },
  'silent-redis': {
    ...{ says: 'nothing comes on the connections to Redis any more', weight: 1 },
    play: (play) => silence('redis', play),
  },
  'silent-postgres': {
    ...{ says: 'nothing comes on the connections to PostgreSQL any more', weight: 1 },
    play: (play) => silence('postgres', play),
  },
  clock: { says: "the api's clock jumps by hours, and back", weight: 2, play: shiftClock },
};
