// Where a replay runs: a shard's keys under a name of their own, in a given Redis or in a private one, with a private
// PostgreSQL beside it if there are archives to take in.

import type { Redis } from 'ioredis';
import { shardKeys } from '../../../core/keys.ts';
import { withRedis } from '../../launcher/connections.ts';
import type { Environment } from '../../launcher/servers/environment.ts';
import { claimDataDir, eraseData, startServers } from '../../launcher/servers/servers.ts';

export type Namespace = { readonly redis: Redis; readonly name: string };

/** Thrown when a replay was told to stop: its namespace stays, so that the next one can go on from there. */
export class InterruptedError extends Error {
  constructor(sequence: number) {
    super(`interrupted at sequence ${sequence}; npm run replay -- --resume goes on from there`);
    this.name = 'InterruptedError';
  }
}

export type NamespaceOptions = {
  readonly shard: string;
  readonly redisUrl: string | null;
  readonly environment: Environment;
  readonly needsDatabase: boolean;
  /** Keep what an interrupted replay left there. */
  readonly resume: boolean;
};

type Urls = { readonly redisUrl: string; readonly databaseUrl: string | null };

/**
 * Hands over the shard's namespace and the address of the private database. The namespace is empty unless it is resumed, and
 * removed afterwards unless that is interrupted.
 */
export async function withNamespace<T>(
  options: NamespaceOptions,
  use: (namespace: Namespace, databaseUrl: string | null) => Promise<T>,
): Promise<T> {
  return withServers(options, ({ redisUrl, databaseUrl }) =>
    withRedis(redisUrl, async (redis) => {
      const namespace = { redis, name: `replay-${options.shard}` };
      let isFinished = true;
      try {
        if (!options.resume) await drop(namespace);
        return await use(namespace, databaseUrl);
      } catch (error) {
        isFinished = !(error instanceof InterruptedError);
        throw error;
      } finally {
        if (isFinished && redis.status === 'ready') await drop(namespace);
      }
    }),
  );
}

/** The private servers have a folder that an interrupted replay leaves behind. */
async function withServers<T>(
  { shard, redisUrl, environment, needsDatabase, resume }: NamespaceOptions,
  use: (urls: Urls) => Promise<T>,
): Promise<T> {
  if (redisUrl !== null && !needsDatabase) return use({ redisUrl, databaseUrl: null });
  const folder = `${environment.dataDir}/replay-${shard}`;
  const claim = claimDataDir(folder);
  if (!resume) eraseServer(folder);
  let isFinished = true;
  try {
    const notStarted = 'postgresql://localhost/'; // because it is given
    const servers = await startServers({
      claim,
      environment: {
        ...environment,
        redisUrl: redisUrl ?? undefined,
        databaseUrl: needsDatabase ? undefined : notStarted,
      },
      log: () => {},
    });
    try {
      if (redisUrl === null) await syncRarely(servers.redisUrl);
      return await use({ ...servers, databaseUrl: needsDatabase ? servers.databaseUrl : null });
    } finally {
      await servers.stop();
    }
  } catch (error) {
    isFinished = !(error instanceof InterruptedError);
    throw error;
  } finally {
    claim.release();
    if (isFinished) eraseData(folder);
  }
}

function eraseServer(folder: string): void {
  eraseData(`${folder}/redis`);
}

/** What is replayed can be replayed again: syncing each write to disk would take most of the time. */
async function syncRarely(redisUrl: string): Promise<void> {
  await withRedis(redisUrl, (redis) => redis.config('SET', 'appendfsync', 'everysec'));
}

async function drop({ redis, name }: Namespace): Promise<void> {
  const match = shardKeys(name).state.replace(/state$/, '*');
  for await (const keys of redis.scanStream({ match, count: 10_000 }))
    if (keys.length > 0) await redis.unlink(...(keys as string[]));
}
