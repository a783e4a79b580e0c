// What the figures were measured on.

import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import { readConfig } from '../../../core/config.ts';
import { withPostgres } from '../../../sql/with-postgres.ts';
import { withRedis } from '../../launcher/connections.ts';
import type { PrivateExchange } from '../exchange.ts';
import { parentOf } from './usage.ts';

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly kernel: string;
  /** Of the minute before the start: above 1, something else was at work. */
  readonly loadAverage: number;
};

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    kernel: `${process.platform} ${release()}`,
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** The line below a table of figures. */
export function machineLine({ cores, cpu, loadAverage }: Machine): string {
  return `\n${cores} × ${cpu}, load average ${loadAverage} before the start`;
}

const postgresSettings = [
  ...['fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size', 'wal_compression'],
  ...['checkpoint_timeout', 'full_page_writes'],
];

export type ServerRoots = { readonly redis: readonly number[]; readonly postgres: readonly number[] };

export type ServerFacts = {
  readonly versions: { readonly node: string; readonly redis: string; readonly postgres: string };
  readonly configuration: Readonly<Record<string, string | number>>;
  /** The processes of each kind, below which their others are: of Redis those of the shards, of PostgreSQL the one that is written to. */
  readonly roots: ServerRoots;
};

/** Asks both servers. They run on this machine, so that their process numbers mean something here. */
export async function describeServers({
  redisUrl,
  databaseUrl,
  shards,
}: PrivateExchange): Promise<ServerFacts> {
  const redis = await withRedis(redisUrl, askRedis);
  const postgres = await withPostgres(databaseUrl, askPostgres);
  const { runSize, commitSize, apiWorkers, maxUnmatched } = readConfig();
  return {
    versions: { node: process.version, redis: redis.version, postgres: postgres.version },
    configuration: { runSize, commitSize, apiWorkers, maxUnmatched, ...redis.settings, ...postgres.settings },
    roots: { redis: await redisPids({ redisUrl, shards }), postgres: [postgres.pid] },
  };
}

async function askRedis(redis: Redis) {
  const info = await redis.info('server');
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const [, appendfsync = ''] = (await redis.config('GET', 'appendfsync')) as string[];
  return { version: field('redis_version'), pid: Number(field('process_id')), settings: { appendfsync } };
}

/** Of the Redis that serve shards now; several may be on one. */
export async function redisPids({
  redisUrl,
  shards,
}: Pick<PrivateExchange, 'redisUrl' | 'shards'>): Promise<number[]> {
  const pids = shards.map(async (shard) => (await withRedis(redisUrl, askRedis, { shard })).pid);
  return [...new Set(await Promise.all(pids))];
}

async function askPostgres(client: Client) {
  const { rows } = await client.query<{ name: string; setting: string }>(
    `select name, current_setting(name) as setting from pg_settings where name = any($1)`,
    [[...postgresSettings, 'server_version']],
  );
  const { rows: own } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = parentOf(own[0]!.pid);
  const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  const { server_version: version = '', ...others } = settings;
  return { version, pid, settings: others };
}
