// A Redis and a PostgreSQL that are killed and started again by those who want to.

import { readEnvironment } from '../../launcher/servers/environment.ts';
import { findPostgres, findRedis } from '../../launcher/servers/find.ts';
import { obtainRedis } from '../../launcher/servers/obtain.ts';
import { rememberedPorts } from '../../launcher/servers/ports.ts';
import { installPostgres, preparePostgres } from '../../launcher/servers/postgres.ts';
import { hasEnded, type Started } from '../../launcher/servers/process.ts';
import { type PrivateServer, prepareRedis } from '../../launcher/servers/redis.ts';
import { newSecret } from '../../launcher/servers/servers.ts';

export type Server = {
  /** Its own address, past every proxy. */
  readonly url: string;
  readonly pid: () => number;
  /** As a power cut would, but for what the kernel still writes. */
  readonly kill: () => Promise<void>;
  /** Starts it if it has ended, as often as it takes; throws after a minute. */
  readonly revive: () => Promise<void>;
  readonly hasEnded: () => boolean;
  readonly stop: () => Promise<void>;
};

const patienceMs = 60_000;

export async function startRedis(dataDir: string): Promise<Server> {
  const programs = findRedis(readEnvironment()) ?? (await obtainRedis(() => {}));
  const port = await rememberedPorts(dataDir).pick('redis');
  return start(prepareRedis({ dataDir, programs, secret: newSecret(), port }));
}

export async function startPostgres(dataDir: string): Promise<Server> {
  const secret = newSecret();
  const candidates = findPostgres(readEnvironment());
  const installation = await installPostgres({ dataDir, candidates, secret, log: () => {} });
  const port = await rememberedPorts(dataDir).pick('postgres');
  return start(preparePostgres({ installation, dataDir, secret, port }));
}

async function start({ tcpUrl, launch }: PrivateServer): Promise<Server> {
  let current: Started;
  const launchOnce = async (): Promise<void> => {
    current = await launch();
    await current.ready;
  };
  await launchOnce();
  return {
    url: tcpUrl,
    pid: () => current.child.pid!,
    kill: async () => {
      current.child.kill('SIGKILL');
      await current.exited;
    },
    revive: async () => {
      const deadline = performance.now() + patienceMs;
      while (hasEnded(current))
        await launchOnce().catch((error) => {
          if (performance.now() > deadline) throw error;
        });
    },
    hasEnded: () => hasEnded(current),
    stop: () => current.stop(),
  };
}
