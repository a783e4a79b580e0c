// The stage on which faults are played: two servers, and processes of the exchange, each with proxies of its own.

import { pathToFileURL } from 'node:url';
import { withPostgres } from '../../../sql/with-postgres.ts';
import { projectRoot } from '../../launcher/servers/environment.ts';
import { rememberedPorts } from '../../launcher/servers/ports.ts';
import { prepareDatabase, privateSettings } from '../exchange.ts';
import { type Actor, type ActorName, startActor } from './actor.ts';
import type { Disk } from './disk.ts';
import { type Funded, guarded, products, type Traded, usualFunded, usualShard } from './orders.ts';
import { makePlace } from './place.ts';
import { type Server, startPostgres, startRedis } from './servers.ts';

/** What a run needs of a stage, whatever is on it. */
export type Scene = StageServers & {
  readonly port: number;
  /** A token that may act for every trader. */
  readonly token: string;
  readonly products: readonly Traded[];
  readonly funded: readonly Funded[];
  /** So many orders are answered after a fault before the next one, unless that comes in haste. */
  readonly ordersBetween: number;
  /** Each time that a process ended without being told to. */
  readonly ownEnds: () => readonly string[];
  /** Ends everything, and removes what it wrote unless that is to be looked at. */
  readonly close: (keep: boolean) => Promise<void>;
};

export type Stage = Scene & {
  readonly redis: Server;
  readonly postgres: Server;
  readonly disks: { readonly redis: Disk; readonly postgres: Disk };
  /** One api, two matchers, two writers; and a notifier, if it was asked for. */
  readonly actors: Readonly<Record<ActorName, readonly Actor[]>>;
  /** One more process, with an environment of its own beside that of all. */
  readonly start: StartMore;
};

type StartMore = (name: ActorName, number: number, own?: NodeJS.ProcessEnv) => Promise<Actor>;

/** Where its data are, and how to ask its servers. */
export type StageServers = {
  readonly dataDir: string;
  readonly redis: Pick<Server, 'url'>;
  readonly postgres: Pick<Server, 'url'>;
  readonly shards: readonly string[];
};

/** Short enough that a run sees many of each, and longer than a busy machine needs for an answer. */
export const timeouts = { wait: 1_000, read: 1_500, redis: 2_000, lease: 1_000 };

export const settings = {
  WAIT_TIMEOUT_MS: String(timeouts.wait),
  READ_TIMEOUT_MS: String(timeouts.read),
  REDIS_TIMEOUT_MS: String(timeouts.redis),
  WRITER_LEASE_MS: String(timeouts.lease),
  // Receivers are here; and what a notifier that died had claimed is free after twice that and five seconds.
  WEBHOOK_ALLOW_PRIVATE: 'on',
  WEBHOOK_TIMEOUT_MS: '500',
};

/** `more` is the environment of its processes, beside what a stage sets. */
export async function openStage(
  more: NodeJS.ProcessEnv = {},
  { notifiers = 0 }: { notifiers?: number } = {},
): Promise<Stage> {
  const { dataDir, addDisk, leave } = makePlace();
  const disks = { redis: addDisk('redis-disk'), postgres: addDisk('postgres-disk') };
  const ends: (() => Promise<void>)[] = [];
  const close = async (keep: boolean): Promise<void> => {
    try {
      for (const end of ends.reverse()) await end();
    } finally {
      leave(keep);
    }
  };
  try {
    return { dataDir, disks, close, ...(await fill({ dataDir, disks, ends, more, notifiers })) };
  } catch (error) {
    await close(false);
    throw error;
  }
}

type Filling = Pick<Stage, 'dataDir' | 'disks'> & {
  /** How to end what was started, in the order in which it was. */
  readonly ends: (() => Promise<void>)[];
  readonly more: NodeJS.ProcessEnv;
  readonly notifiers: number;
};

async function fill({ dataDir, disks, ends, more, notifiers }: Filling) {
  const redis = await startRedis(disks.redis.folder);
  ends.push(redis.stop);
  const postgres = await startPostgres(disks.postgres.folder);
  ends.push(postgres.stop);
  const token = await prepareDatabase(postgres.url);
  await withPostgres(postgres.url, (client) =>
    client.query('update products set price_collar = $2 where product_id = $1', [
      guarded.productId,
      guarded.collar,
    ]),
  );
  const port = await rememberedPorts(dataDir).pick('api');
  const env = { ...privateSettings(), PORT: String(port), ...settings, ...more };
  const preload = `--import ${pathToFileURL(`${projectRoot}/scripts/lab/faults/clock.ts`)}`;
  const ports = rememberedPorts(dataDir);
  const start: StartMore = async (name, number, more = {}) => {
    const id = `${name}-${number}`;
    const metricsPort = name === 'api' ? port : await ports.pick(id);
    const own = name === 'api' ? {} : { [`${name.toUpperCase()}_METRICS_PORT`]: String(metricsPort) };
    const actor = await startActor({
      ...{ name, id, metricsPort, dataDir, redisUrl: redis.url, databaseUrl: postgres.url },
      env: { ...env, ...own, ...(name === 'api' ? { NODE_OPTIONS: preload } : {}), ...more },
    });
    ends.push(actor.close);
    return actor;
  };
  const [api, ...others] = await Promise.all([
    start('api', 0),
    ...[0, 1].flatMap((number) => [start('matcher', number), start('writer', number)]),
    ...Array.from({ length: notifiers }, (_, number) => start('notifier', number)),
  ]);
  const named = (name: ActorName) => others.filter(({ id }) => id.startsWith(name));
  const [matcher, writer, notifier] = [named('matcher'), named('writer'), named('notifier')];
  const actors = { api: [api!], matcher, writer, notifier };
  const ownEnds = (): string[] => [api!, ...others].flatMap((actor) => actor.ownEnds());
  return {
    ...{ redis, postgres, token, port, actors, start, ownEnds, ordersBetween: 1 },
    ...{ shards: [usualShard], products, funded: usualFunded },
  };
}
