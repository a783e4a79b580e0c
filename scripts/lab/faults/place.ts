// Where a run writes: a folder with disks in it. However the run ends, no disk of it stays mounted.

import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbandoned } from '../../launcher/servers/lock.ts';
import { claimDataDir, eraseData } from '../../launcher/servers/servers.ts';
import { makeTemporaryFolder } from '../../launcher/servers/temporary-folder.ts';
import { type Disk, disksIn, makeDisk, removeDisk } from './disk.ts';

export type Place = {
  readonly dataDir: string;
  readonly addDisk: (name: string) => Disk;
  /** Removes all, or leaves it in plain folders. Once what writes there has ended. */
  readonly leave: (isKept: boolean) => void;
};

const prefix = 'faults';

/** Removed as well if the process ends without a word, and by the next one if it is killed. */
export function makePlace(name?: string): Place {
  removeAbandoned();
  const dataDir = makeTemporaryFolder(name === undefined ? prefix : `${prefix}-${name}`);
  const claim = claimDataDir(dataDir);
  const disks: Disk[] = [];
  const leave = (isKept: boolean): void => {
    process.off('exit', remove);
    for (const disk of disks) isKept ? disk.keep() : disk.remove();
    claim.release();
    if (!isKept) eraseData(dataDir);
  };
  const remove = (): void => leave(false);
  process.on('exit', remove);
  return {
    ...{ dataDir, leave },
    addDisk: (name) => {
      const disk = makeDisk(`${dataDir}/${name}`);
      disks.push(disk);
      return disk;
    },
  };
}

/** What runs have left that were killed. */
function removeAbandoned(): void {
  for (const dataDir of globSync(`${tmpdir()}/cardstock-${prefix}-*`).filter(isAbandoned))
    try {
      for (const folder of disksIn(dataDir)) removeDisk(folder);
      eraseData(dataDir);
    } catch {
      // Another user's, or another run is at it.
    }
}
