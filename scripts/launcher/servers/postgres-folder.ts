// Where a private PostgreSQL keeps its data, as which user it runs, and how the folder is first made.

import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { serverEnv } from './environment.ts';
import { StartError } from './errors.ts';
import type { PostgresPrograms } from './find.ts';
import type { Log } from './log.ts';
import type { User } from './process.ts';

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function knownUsers(): User[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** PostgreSQL refuses to run as root, and as a user without a name. Undefined: it can run as ourselves. */
export function postgresUser(): User | undefined {
  if (!isRoot()) {
    try {
      userInfo();
      return undefined;
    } catch {
      throw new StartError(
        'PostgreSQL needs a user with an entry in /etc/passwd; run as one, or give DATABASE_URL.',
      );
    }
  }
  const users = knownUsers();
  const user = users.find(({ name }) => name === 'postgres') ?? users.find(({ name }) => name === 'nobody');
  if (user) return user;
  throw new StartError(
    'PostgreSQL refuses to run as root, and there is no user postgres or nobody; start as another user, or give DATABASE_URL.',
  );
}

/** Asks the kernel instead of reading modes, so that access lists and mounts count too. */
export function canReach(user: User, path: string): boolean {
  const { uid, gid } = user;
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { uid, gid, cwd: '/' }).status === 0;
}

export function fallbackPlace(dataDir: string): string {
  return `/var/tmp/cardstock-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
}

function makeFallbackPlace(dataDir: string): string {
  const place = fallbackPlace(dataDir);
  mkdirSync(place, { recursive: true, mode: 0o711 });
  // Anybody may create names in /var/tmp.
  const found = lstatSync(place);
  if (found.isDirectory() && found.uid === 0) return place;
  throw new StartError(`${place} belongs to somebody else; choose another DATA_DIR.`);
}

/** The data folder, or, where PostgreSQL's user cannot go there (under /root, say), a folder in /var/tmp. */
export function choosePlace(dataDir: string, user: User | undefined, log: Log): string {
  if (user === undefined || canReach(user, dataDir)) return dataDir;
  const place = makeFallbackPlace(dataDir);
  log(`PostgreSQL runs as user ${user.name}, who cannot enter ${dataDir}; its data is in ${place}.`);
  return place;
}

/** The version that made the data folder which is already there. */
export function existingMajor(place: string): number | undefined {
  return globSync('pg*/PG_VERSION', { cwd: place })
    .map((file) => Number(readFileSync(`${place}/${file}`, 'utf8')))
    .sort((one, other) => other - one)[0];
}

/** Started as root on a folder that another user made, PostgreSQL runs as that user. */
export function ownerOf(folder: string, user: User | undefined): User | undefined {
  if (user === undefined || !existsSync(folder)) return user;
  const { uid } = statSync(folder);
  return knownUsers().find((known) => known.uid === uid) ?? user;
}

type NewFolder = { folder: string; programs: PostgresPrograms; user: User | undefined; secret: string };

const run = promisify(execFile);

/** Single-user mode needs no client program, which npm's PostgreSQL does not have. */
function createDatabase(folder: string, { programs, user }: NewFolder): Promise<void> {
  return new Promise((resolve, reject) => {
    const identity = user ? { uid: user.uid, gid: user.gid } : {};
    const args = ['--single', '-D', folder, 'postgres'];
    const child = execFile(
      `${programs.bin}/postgres`,
      args,
      { ...identity, cwd: folder, env: serverEnv() },
      (error) => (error ? reject(error) : resolve()),
    );
    child.stdin?.on('error', () => {}).end('CREATE DATABASE cardstock\n');
  });
}

async function fillFolder(folder: string, options: NewFolder): Promise<void> {
  const { programs, user, secret } = options;
  const passwordFile = `${folder}.password`;
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  writeFileSync(passwordFile, secret, { mode: 0o600 });
  if (user) {
    chownSync(folder, user.uid, user.gid);
    chownSync(passwordFile, user.uid, user.gid);
  }
  const who = ['--username=cardstock', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  try {
    await run(`${programs.bin}/initdb`, ['-D', folder, '--encoding=UTF8', '--no-locale', ...who], {
      ...identity,
      cwd: folder,
      env: serverEnv(),
    });
    await createDatabase(folder, options);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Made under another name and renamed, so that an interrupted first start leaves no half a database. */
export async function makeFolder(options: NewFolder): Promise<void> {
  const unfinished = `${options.folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  await fillFolder(unfinished, options);
  renameSync(unfinished, options.folder);
}
