// A process of the exchange that is killed, stopped and started again, and the proxies through which it sees the servers.

import { launchChild } from '../../launcher/child.ts';
import { type Kept, keep } from './kept.ts';
import { openProxy, type TcpProxy } from './proxy.ts';

export type ActorName = 'api' | 'matcher' | 'writer' | 'notifier';

export type Actor = Kept & {
  /** Where its metrics are. */
  readonly metricsPort: number;
  readonly redis: TcpProxy;
  readonly postgres: TcpProxy;
};

export type ActorParts = {
  readonly name: ActorName;
  /** `writer-1`: its application name in PostgreSQL. */
  readonly id: string;
  readonly metricsPort: number;
  readonly dataDir: string;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly env: NodeJS.ProcessEnv;
};

const graceMs = 20_000;
export async function startActor(parts: ActorParts): Promise<Actor> {
  const { name, id, dataDir } = parts;
  const [redis, postgres] = [await proxyTo(parts.redisUrl), await proxyTo(parts.databaseUrl)];
  const env = {
    ...parts.env,
    REDIS_URL: at(parts.redisUrl, redis),
    DATABASE_URL: `${at(parts.databaseUrl, postgres)}?application_name=${id}`,
  };
  const kept = await keep(id, (log) => launchChild({ name, dataDir, env, graceMs, log }));
  return {
    ...{ ...kept, metricsPort: parts.metricsPort, redis, postgres },
    close: async () => {
      await kept.close();
      await Promise.all([redis.close(), postgres.close()]);
    },
  };
}

function proxyTo(url: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(url);
  return openProxy({ host: hostname, port: Number(port) });
}

function at(url: string, { port }: TcpProxy): string {
  const moved = new URL(url);
  moved.port = String(port);
  return moved.href;
}
