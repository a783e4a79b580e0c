// A private Redis in the data folder, with the shipped configuration.

import { mkdirSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { connectRestlessly } from '../../../core/redis.ts';
import { projectRoot, serverEnv } from './environment.ts';
import { StartError } from './errors.ts';
import type { RedisPrograms } from './find.ts';
import { becomes, isServerAlive, sendSignal } from './liveness.ts';
import { lastLines, withLog } from './log.ts';
import { type Running, type Started, startProgram, stopProgram } from './process.ts';

export type RedisOptions = {
  dataDir: string;
  programs: RedisPrograms;
  secret: string;
  port: number;
  /** Lines of configuration after the usual ones, which they overrule. */
  more?: readonly string[];
};

export type PrivateServer = {
  /** For our own processes: the Unix socket where its path is short enough, which saves a third of the CPU time. */
  url: string;
  /** For people and scripts. */
  tcpUrl: string;
  launch(): Promise<Started>;
};

/** ioredis reads the path of a socket as a URL, in which other characters mean something or are changed. */
const plainPath = /^[\w./@+,=-]+$/;

/** sun_path holds 108 bytes on Linux and 104 on macOS. */
export const longestSocketPath = 100;

function folderOf(dataDir: string): string {
  return `${dataDir}/redis`;
}
export function redisSocket(dataDir: string): string {
  return `${folderOf(dataDir)}/redis.sock`;
}
function hasSocket(dataDir: string): boolean {
  const socket = redisSocket(dataDir);
  return plainPath.test(socket) && Buffer.byteLength(socket) < longestSocketPath;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * Half of what the machine, or its container, has: beyond it Redis refuses orders, and what it has stays. A rewrite of the
 * append-only file may need as much again for a while.
 */
function mostMemory(): number {
  const most = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  return Math.floor(most / 2);
}

/**
 * The shipped configuration and our own. All of it goes in by standard input: the password is then in no process list and no file
 * but ours, and Redis, which reads a path as a pattern and passes over one that nothing matches, is given none.
 */
function settings({ dataDir, secret, port, more = [] }: RedisOptions): string {
  return [
    readFileSync(`${projectRoot}/redis.conf`, 'utf8'),
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${secret}`,
    `maxmemory ${mostMemory()}`,
    `dir ${quoted(folderOf(dataDir))}`,
    `pidfile ${quoted(`${folderOf(dataDir)}/redis.pid`)}`,
    'logfile ""',
    ...(hasSocket(dataDir) ? [`unixsocket "${redisSocket(dataDir)}"`, 'unixsocketperm 700'] : []),
    ...more,
    '',
  ].join('\n');
}

function readPid(dataDir: string): number {
  try {
    return Number(readFileSync(`${folderOf(dataDir)}/redis.pid`, 'utf8'));
  } catch {
    return 0;
  }
}

/** Two servers on one append-only file would spoil it: one left over from a killed launcher is stopped first. */
export async function stopLeftOverRedis(dataDir: string): Promise<void> {
  const pid = readPid(dataDir);
  const isAlive = (): boolean => isServerAlive(pid, /redis|valkey/, folderOf(dataDir));
  if (!isAlive()) return;
  sendSignal(pid, 'SIGTERM');
  if (await becomes(() => !isAlive(), 30_000)) return;
  sendSignal(pid, 'SIGKILL');
  if (!(await becomes(() => !isAlive(), 5_000))) {
    throw new StartError(
      `A Redis server of an earlier start does not end (process ${pid}); kill it and start again.`,
    );
  }
}

function start(options: RedisOptions): Running {
  const { programs, dataDir } = options;
  const running = withLog(dataDir, 'redis', (log) =>
    startProgram({
      bin: programs.server,
      args: ['-'],
      stdio: ['pipe', log, log],
      parentDeathSignal: 'TERM',
      cwd: folderOf(dataDir),
      env: serverEnv(programs.libraryPath),
    }),
  );
  // A program that could not be started has no reader; how it ended is told by `exited`.
  running.child.stdin?.on('error', () => {}).end(settings(options));
  return running;
}

/** Resolves when the append-only file is loaded and commands are answered; rejects when the server ends before. */
async function untilAnswering(
  url: string,
  running: Running,
  complain: (how: string) => Error,
): Promise<void> {
  const pauseMs = 30;
  const client = connectRestlessly(url, pauseMs);
  client.on('error', () => {});
  try {
    const ended = running.exited.then((how) => {
      throw complain(how);
    });
    await Promise.race([client.ping(), ended]);
  } finally {
    client.disconnect();
  }
}

export function prepareRedis(options: RedisOptions): PrivateServer {
  const { dataDir, secret, port } = options;
  mkdirSync(folderOf(dataDir), { recursive: true, mode: 0o700 });
  // With the user named: redis-cli 7.0 takes an absent one for a user with an empty name.
  const tcpUrl = `redis://default:${secret}@127.0.0.1:${port}`;
  const url = hasSocket(dataDir) ? `${redisSocket(dataDir)}?password=${secret}` : tcpUrl;
  const complain = (how: string): Error =>
    new StartError(`Redis did not start (${how}); the end of its log:\n${lastLines(dataDir, 'redis')}`);
  const launch = async (): Promise<Started> => {
    await stopLeftOverRedis(dataDir);
    const running = start(options);
    return {
      ...running,
      ready: untilAnswering(url, running, complain),
      // A replica that writes its first append-only file of what its primary sent says "can't exit", and forgets that it was asked.
      stop: () => stopProgram(running, { signal: 'SIGTERM', graceMs: 30_000, repeatMs: 500 }),
    };
  };
  return { url, tcpUrl, launch };
}
