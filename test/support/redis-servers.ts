import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { readEnvironment, serverEnv } from '../../scripts/launcher/servers/environment.ts';
import { findRedis } from '../../scripts/launcher/servers/find.ts';
import { obtainRedis } from '../../scripts/launcher/servers/obtain.ts';
import { freePort } from '../../scripts/launcher/servers/ports.ts';
import { startProgram, stopProgram } from '../../scripts/launcher/servers/process.ts';

/** A Redis of a test's own, or a sentinel. */
export type RedisServer = {
  readonly port: number;
  readonly folder: string;
  /** Past every proxy; comes back by itself. */
  readonly client: Redis;
  /** As a power cut would. */
  readonly kill: () => Promise<void>;
  readonly signal: (name: 'SIGSTOP' | 'SIGCONT') => void;
};

type Settings = { readonly config?: readonly string[]; readonly sentinel?: boolean; readonly port?: number };

/** Starts a server that the test's end stops, and waits until it answers. */
export async function startRedisServer(
  t: ExecutionContext,
  { config = [], sentinel = false, ...given }: Settings = {},
): Promise<RedisServer> {
  const programs = findRedis(readEnvironment()) ?? (await obtainRedis(() => {}));
  const port = given.port ?? (await freePort());
  const folder = mkdtempSync(`${tmpdir()}/cardstock-redis-`);
  const file = `${folder}/server.conf`; // sentinels and nodes of a cluster write into theirs
  const usual = [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, 'save ""', 'repl-diskless-sync-delay 0'];
  writeFileSync(file, [...(sentinel ? usual.slice(0, 3) : usual), ...config, ''].join('\n'));
  const running = startProgram({
    bin: programs.server,
    args: [file, ...(sentinel ? ['--sentinel'] : [])],
    stdio: ['ignore', 'ignore', 'ignore'],
    parentDeathSignal: 'KILL',
    cwd: folder,
    env: serverEnv(programs.libraryPath),
  });
  const client = new Redis({ port, maxRetriesPerRequest: null, retryStrategy: () => 20 });
  client.on('error', () => {}); // it is killed now and then
  t.teardown(async () => {
    client.disconnect();
    running.child.kill('SIGCONT');
    await stopProgram(running, { signal: 'SIGKILL', graceMs: 1_000 });
    rmSync(folder, { recursive: true, force: true });
  });
  await client.ping();
  return {
    ...{ port, folder, client },
    kill: async () => {
      running.child.kill('SIGKILL');
      await running.exited;
    },
    signal: (name) => void running.child.kill(name),
  };
}
