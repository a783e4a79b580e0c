// The only file of the scripts that reads process.env.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withSecretFiles } from '../../../core/secret-files.ts';
import { StartError } from './errors.ts';

export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

export type Environment = {
  /** Everything the launcher keeps: data of the private servers, logs, tokens. */
  dataDir: string;
  host: string;
  port: number;
  /** Where matcher and writer shall serve their metrics: 0 is any free port, null is nowhere. */
  metricsPorts: { matcher: number | null; writer: number | null };
  /** Where the api shall serve gRPC: 0 is any free port, null is nowhere. */
  grpcPort: number | null;
  /** Servers to use instead of private ones. */
  redisUrl: string | undefined;
  databaseUrl: string | undefined;
  /** What secrets are sealed with, if not with the key that the data folder keeps. */
  secretsKey: string | undefined;
  /** Where to look for server programs. */
  redisServerBin: string | undefined;
  pgBinDir: string | undefined;
  path: string;
  /** Test files with failures run once more, alone. */
  testsAgain: boolean;
  /** npm started us, and forwards signals. */
  underNpm: boolean;
  /** What child processes inherit. */
  inherited: NodeJS.ProcessEnv;
};

function readPort(name: string, text: string, least = 1): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= least && port <= 65_535) return port;
  throw new StartError(`${name} must be a whole number from ${least} to 65535, and is "${text}".`);
}

function readOptionalPort(name: string, text: string): number | null {
  return text === 'off' ? null : readPort(name, text, 0);
}

export function readEnvironment(given: NodeJS.ProcessEnv = process.env): Environment {
  const env = withSecretFiles(given);
  forgetPostgresSettings(env);
  return Object.freeze({
    dataDir: env.DATA_DIR ? resolve(env.DATA_DIR) : `${projectRoot}/.data`,
    host: env.HOST || '127.0.0.1',
    port: readPort('PORT', env.PORT || '3000'),
    metricsPorts: {
      matcher: readOptionalPort('MATCHER_METRICS_PORT', env.MATCHER_METRICS_PORT || '3001'),
      writer: readOptionalPort('WRITER_METRICS_PORT', env.WRITER_METRICS_PORT || '3002'),
    },
    grpcPort: readOptionalPort('GRPC_PORT', env.GRPC_PORT || '50051'),
    redisUrl: env.REDIS_URL || undefined,
    databaseUrl: env.DATABASE_URL || undefined,
    secretsKey: env.SECRETS_KEY || undefined,
    redisServerBin: env.REDIS_SERVER_BIN || undefined,
    pgBinDir: env.PG_BIN_DIR || undefined,
    path: env.PATH ?? '',
    testsAgain: env.TESTS_AGAIN === '1',
    underNpm: env.npm_lifecycle_event !== undefined,
    inherited: env,
  });
}

/**
 * The shell's settings for PostgreSQL's clients, such as PGSSLMODE and PGOPTIONS, are meant for another server: pg, initdb and
 * our own processes would take them for a private one. They stay if DATABASE_URL names a server.
 */
export function forgetPostgresSettings(env: NodeJS.ProcessEnv = process.env): void {
  if (env.DATABASE_URL) return;
  for (const name of Object.keys(env)) if (/^PG(?!_BIN_DIR$)/.test(name)) delete env[name];
}

/** For server programs: nothing of the person's settings, such as PGOPTIONS, and messages in one language. */
export function serverEnv(libraryPath?: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LC_ALL: 'C',
    ...(libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath }),
  };
}
