// Where the Redis and the PostgreSQL are that a script works on.

import { existsSync } from 'node:fs';
import { type FoundServers, findServers } from '../../launcher/found.ts';
import { readEnvironment } from '../../launcher/servers/environment.ts';
import { StartError } from '../../launcher/servers/errors.ts';
import { claimDataDir, startServers } from '../../launcher/servers/servers.ts';

export type Addresses = FoundServers & {
  /** Stops what was started for this script. */
  readonly release: () => Promise<void>;
};

/** Those that are known; `start` starts the servers in DATA_DIR alone. */
export async function findOrStartServers(start: boolean): Promise<Addresses> {
  if (start) return startOnly();
  const found = findServers();
  if (found) return { ...found, release: async () => {} };
  throw new StartError(
    'Set REDIS_URL and DATABASE_URL, or say --start to start the servers in DATA_DIR, without the exchange.',
  );
}

async function startOnly(): Promise<Addresses> {
  const environment = readEnvironment();
  const { dataDir } = environment;
  if (!existsSync(dataDir)) throw new StartError(`There is no data folder ${dataDir}; check DATA_DIR.`);
  const claim = claimDataDir(dataDir);
  try {
    const servers = await startServers({ claim, environment, log: (line) => console.error(line) });
    const release = async (): Promise<void> => {
      await servers.stop();
      claim.release();
    };
    return { redisUrl: servers.redisUrl, databaseUrl: servers.databaseUrl, release };
  } catch (error) {
    claim.release();
    throw error;
  }
}
