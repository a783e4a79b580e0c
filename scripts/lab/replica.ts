// A PostgreSQL with a streaming replica, which nobody waits for: lists may be read from it.

import { withPostgres } from '../../sql/with-postgres.ts';
import { preparePair } from '../launcher/cluster/postgres-pair.ts';
import { readEnvironment } from '../launcher/servers/environment.ts';
import { StartError } from '../launcher/servers/errors.ts';
import { findCopying } from '../launcher/servers/find.ts';
import type { Log } from '../launcher/servers/log.ts';
import { rememberedPorts } from '../launcher/servers/ports.ts';
import { readSecret } from '../launcher/servers/servers.ts';
import type { Group } from './group.ts';
import { withPrivateGroup } from './private-group.ts';

export type Replicated = {
  readonly databaseUrl: string;
  readonly readUrl: string;
  readonly primary: readonly number[];
  readonly replica: readonly number[];
};

/** Hands both over, and removes every trace of them afterwards. */
export function withReplica<T>(use: (replicated: Replicated) => Promise<T>, log: Log): Promise<T> {
  const begin = (dataDir: string, group: Group) => start(dataDir, group, log);
  return withPrivateGroup({ name: 'bench-replica', kinds: ['postgres'], start: begin }, use);
}

async function start(dataDir: string, group: Group, log: Log): Promise<Replicated> {
  const candidates = findCopying(readEnvironment());
  if (candidates.length === 0)
    throw new StartError('A replica needs a PostgreSQL with pg_basebackup (apt-get install postgresql).');
  const secret = readSecret(dataDir);
  const ports = rememberedPorts(dataDir);
  const [primary, replica] = await preparePair({
    ...{ dataDir, candidates, secret, ports, log, savesMemory: false },
  });
  await group.keep(primary!);
  await group.keep(replica!);
  // The pair is one whose primary waits for the other.
  await withPostgres(primary!.url, (client) =>
    client.query('alter database cardstock set synchronous_commit = local'),
  );
  return {
    ...{ databaseUrl: primary!.url, readUrl: replica!.url },
    ...{ primary: group.pids(primary!.id), replica: group.pids(replica!.id) },
  };
}
