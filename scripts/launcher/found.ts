// The exchange that a command works on: the one that the environment names, or the one that `npm start` runs in DATA_DIR.

import { type Demo, readDemo } from './demo.ts';
import { readEnvironment } from './servers/environment.ts';
import { StartError } from './servers/errors.ts';

export type FoundServers = { readonly redisUrl: string; readonly databaseUrl: string };

export const whereToLook = 'Works on DATABASE_URL, or on the exchange that npm start runs in DATA_DIR.';

export function findDatabase(): string {
  const { databaseUrl, dataDir } = readEnvironment();
  const found = databaseUrl ?? readDemo(dataDir)?.databaseUrl;
  if (found !== undefined) return found;
  throw new StartError(
    'There is nothing to look into: no exchange runs in DATA_DIR, and DATABASE_URL is not set.',
  );
}

/** Undefined if one of them is not known. */
export function findServers(): FoundServers | undefined {
  const { redisUrl, databaseUrl, dataDir } = readEnvironment();
  const demo = readDemo(dataDir);
  const found = { redisUrl: redisUrl ?? demo?.redisUrl, databaseUrl: databaseUrl ?? demo?.databaseUrl };
  return found.redisUrl !== undefined && found.databaseUrl !== undefined
    ? (found as FoundServers)
    : undefined;
}

/** One that npm start runs, with the tokens to trade on it. */
export function findExchange(): Demo {
  const { dataDir } = readEnvironment();
  const found = readDemo(dataDir);
  if (found) return found;
  throw new StartError(`No exchange runs in ${dataDir}; start one by npm start, or name another DATA_DIR.`);
}
