// Where the Redis and the PostgreSQL are that a script works on.

import { existsSync } from 'node:fs';
import { readDemo } from '../../launcher/demo.ts';
import { type Environment, readEnvironment } from '../../launcher/servers/environment.ts';
import { StartError } from '../../launcher/servers/errors.ts';
import { claimDataDir, startServers } from '../../launcher/servers/servers.ts';

export type Addresses = {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  /** Stops what was started for this script. */
  readonly release: () => Promise<void>;
};

/** Those of the environment, else those of the exchange that `npm start` runs in DATA_DIR; `start` starts its servers alone. */
export async function findServers(options: { start: boolean }): Promise<Addresses> {
  const environment = readEnvironment();
  if (options.start) return startOnly(environment);
  const demo = readDemo(environment.dataDir);
  const redisUrl = environment.redisUrl ?? demo?.redisUrl;
  const databaseUrl = environment.databaseUrl ?? demo?.databaseUrl;
  if (redisUrl !== undefined && databaseUrl !== undefined)
    return { redisUrl, databaseUrl, release: async () => {} };
  throw new StartError(
    'Set REDIS_URL and DATABASE_URL, or say --start to start the servers in DATA_DIR, without the exchange.',
  );
}

async function startOnly(environment: Environment): Promise<Addresses> {
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
