// A disk of its own for a server, which can be filled up.

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  globSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';

/** A folder; `fill` is there if it lies on a disk of its own. */
export type Disk = {
  readonly folder: string;
  /** Takes all the room that is left. */
  readonly fill?: () => void;
  readonly free?: () => void;
  readonly remove: () => void;
  /** What is on it stays in a plain folder. */
  readonly keep: () => void;
};

const bytes = 8 * 2 ** 30;
/** More than an exchange writes between two looks. */
const mostSpare = 2 ** 26;

/** As root on Linux an image of ext4 that takes only the room that is used of it, elsewhere a plain folder. */
export function makeDisk(folder: string): Disk {
  mkdirSync(folder, { recursive: true });
  const image = imageOf(folder);
  try {
    writeFileSync(image, '');
    truncateSync(image, bytes);
    run('mkfs.ext4', '-q', '-m', '0', image);
    run('mount', '-o', 'loop', image, folder);
  } catch {
    rmSync(image, { force: true });
    return { folder, remove: () => {}, keep: () => {} };
  }
  chmodSync(folder, 0o711);
  const ballast = `${folder}/ballast`;
  return {
    folder,
    fill: () => fill(ballast, folder),
    free: () => rmSync(ballast, { force: true }),
    remove: () => removeDisk(folder),
    keep: () => keepDisk(folder, ballast),
  };
}

const imageOf = (folder: string): string => `${folder}.img`;

/** The folders of a folder that are disks. */
export function disksIn(dataDir: string): string[] {
  return globSync(imageOf(`${dataDir}/*`)).map((image) => image.slice(0, -imageOf('').length));
}

/** A program that was killed may be at it for a moment: it is unmounted behind its back. */
export function removeDisk(folder: string): void {
  try {
    run('umount', '-l', folder);
  } catch {
    // It was not mounted yet, or not any more.
  }
  rmSync(imageOf(folder), { force: true });
}

function keepDisk(folder: string, ballast: string): void {
  const plain = `${folder}.plain`;
  rmSync(ballast, { force: true });
  run('cp', '-a', folder, plain);
  removeDisk(folder);
  rmSync(folder, { recursive: true });
  renameSync(plain, folder);
}

/** `fallocate` takes room without writing to it. Others take some of what was free meanwhile, so more is left to writing then. */
function fill(ballast: string, folder: string): void {
  for (let spare = 65_536; ; spare *= 2) {
    const free = Number(run('df', '--output=avail', '--block-size=1', folder).split('\n')[1]);
    try {
      run('fallocate', '--length', String(free - spare), ballast);
      break;
    } catch (error) {
      rmSync(ballast, { force: true });
      if (spare > mostSpare) throw error;
    }
  }
  try {
    for (;;) appendFileSync(ballast, Buffer.alloc(4_096));
  } catch {
    // Full.
  }
}

function run(program: string, ...args: string[]): string {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env });
}
