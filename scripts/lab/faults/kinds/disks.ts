// Full disks: a Redis that cannot append ends itself, a PostgreSQL refuses, or ends itself if it is the log it cannot write.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Faults, Play } from '../fault.ts';
import type { Stage } from '../stage.ts';

type ServerName = 'redis' | 'postgres';

const fullMs = 1_500;

function fill(name: ServerName): Pick<Fault, 'weight' | 'play' | 'lacks'> {
  return {
    weight: 1,
    play: async ({ stage }: Play) => {
      stage.disks[name].fill!();
      await sleep(fullMs);
      stage.disks[name].free!();
      await stage[name].revive();
    },
    lacks: ({ disks }: Stage) =>
      disks[name].fill ? null : 'a disk of its own, which takes root, mkfs.ext4 and a loop device',
  };
}

export const diskFaults: Faults = {
  'full-disk-redis': { says: "the disk of Redis' append-only file is full", ...fill('redis') },
  'full-disk-postgres': { says: "PostgreSQL's disk is full", ...fill('postgres') },
};
