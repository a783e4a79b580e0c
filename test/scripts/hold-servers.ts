// Holds private servers in the folder given as argument until SIGTERM; prints their addresses as one line of JSON.

import { readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import { claimDataDir, startServers } from '../../scripts/launcher/servers/servers.ts';

const claim = claimDataDir(process.argv[2]!);
const environment = { ...readEnvironment(), redisUrl: undefined, databaseUrl: undefined };
const servers = await startServers({ claim, environment, log: () => {} });
const { stop, ...addresses } = servers;
process.stdout.write(`${JSON.stringify(addresses)}\n`);

process.on('SIGTERM', async () => {
  await stop();
  claim.release();
  process.exit(0);
});
