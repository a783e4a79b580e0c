// Servers that nobody needs afterwards.

import type { Log } from './log.ts';
import { claimDataDir, eraseData, type Servers, type ServersOptions, startServers } from './servers.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export type TemporaryOptions = {
  /** In the name of the folder. */
  readonly name: string;
  readonly environment: ServersOptions['environment'];
  readonly log?: Log;
};

/** Starts them with their data in a folder of their own, hands them over, and removes every trace of them. */
export async function withTemporaryServers<T>(
  { name, environment, log = () => {} }: TemporaryOptions,
  use: (servers: Servers, dataDir: string) => Promise<T>,
): Promise<T> {
  const dataDir = makeTemporaryFolder(name);
  try {
    const servers = await startServers({ claim: claimDataDir(dataDir), environment, log });
    try {
      return await use(servers, dataDir);
    } finally {
      await servers.stop();
    }
  } finally {
    eraseData(dataDir);
  }
}
