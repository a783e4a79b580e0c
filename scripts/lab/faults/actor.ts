// A process of the exchange that is killed, stopped and started again, and the proxies through which it sees the servers.

import { launchChild } from '../../launcher/child.ts';
import { hasEnded, type Started } from '../../launcher/servers/process.ts';
import { openProxy, type TcpProxy } from './proxy.ts';

export type ActorName = 'api' | 'matcher' | 'writer' | 'notifier';

export type Actor = {
  /** `writer-1`: its application name in PostgreSQL. */
  readonly id: string;
  /** Where its metrics are. */
  readonly metricsPort: number;
  readonly redis: TcpProxy;
  readonly postgres: TcpProxy;
  readonly pid: () => number;
  readonly send: (message: object) => void;
  /** Sends a signal and waits for the end. */
  readonly end: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>;
  /** Starts it if it has ended. It is ready when this resolves. */
  readonly revive: () => Promise<void>;
  /** Each time that it ended without being told to: how, and the last that it said. */
  readonly ownEnds: () => readonly string[];
  readonly close: () => Promise<void>;
};

export type ActorParts = {
  readonly name: ActorName;
  readonly id: string;
  readonly metricsPort: number;
  readonly dataDir: string;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly env: NodeJS.ProcessEnv;
};

const graceMs = 20_000;
/** As supervisors do, a process that ended by itself is started again after a moment. */
const restartMs = 100;
/** Of what a process said: an exception that nobody caught comes with its stack. */
const linesKept = 20;

export async function startActor(parts: ActorParts): Promise<Actor> {
  const { name, id, dataDir } = parts;
  const [redis, postgres] = [await proxyTo(parts.redisUrl), await proxyTo(parts.databaseUrl)];
  const env = {
    ...parts.env,
    REDIS_URL: at(parts.redisUrl, redis),
    DATABASE_URL: `${at(parts.databaseUrl, postgres)}?application_name=${id}`,
  };
  let current: Started;
  let isOurs = false;
  const ownEnds: string[] = [];
  let isClosed = false;
  const launch = async (): Promise<void> => {
    const said: string[] = [];
    const log = (line: string): void => {
      said.push(line);
      if (said.length > linesKept) said.shift();
    };
    const started = await launchChild({ name, dataDir, env, graceMs, log });
    current = started;
    isOurs = false;
    started.ready.catch(() => {});
    void started.exited.then((how) => {
      if (isOurs || isClosed) return;
      ownEnds.push(`${id} ended by itself (${how}), having said: ${said.join(' | ')}`);
      setTimeout(() => {
        if (!isClosed && current === started)
          launch().catch((error) => ownEnds.push(`${id} did not start: ${error}`));
      }, restartMs);
    });
  };
  await launch();
  await current!.ready;
  return {
    ...{ id, metricsPort: parts.metricsPort, redis, postgres },
    pid: () => current.child.pid!,
    send: (message) => current.child.connected && current.child.send(message, () => {}),
    end: async (signal) => {
      isOurs = true;
      current.child.kill(signal);
      await current.exited;
    },
    revive: async () => {
      if (hasEnded(current)) await launch();
      await current.ready.catch(() => {});
    },
    ownEnds: () => ownEnds,
    close: async () => {
      isClosed = true;
      current.child.kill('SIGCONT');
      await current.stop();
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
