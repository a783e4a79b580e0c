// Connections of commands: opened for one piece of work, and closed whatever comes of it.

import type { Redis } from 'ioredis';
import type { DatabasePool } from 'slonik';
import { createLog } from '../../core/log.ts';
import { connectNow } from '../../core/redis.ts';
import { openPool } from '../../sql/pool.ts';

type RedisSettings = Parameters<typeof connectNow>[1];

export async function withRedis<T>(
  url: string,
  use: (redis: Redis) => Promise<T>,
  settings?: RedisSettings,
): Promise<T> {
  const redis = await connectNow(url, settings);
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

/** The same with several servers at once, in their order. */
export async function withEachRedis<T>(
  urls: readonly string[],
  use: (clients: readonly Redis[]) => Promise<T>,
): Promise<T> {
  const clients: Redis[] = [];
  try {
    for (const url of urls) clients.push(await connectNow(url));
    return await use(clients);
  } finally {
    for (const client of clients) client.disconnect();
  }
}

type PoolSettings = { readonly sessions?: number; readonly statementTimeoutMs?: number };

/** A pool that says nothing: what goes wrong is thrown. */
export async function withPool<T>(
  url: string,
  use: (pool: DatabasePool) => Promise<T>,
  { sessions = 1, statementTimeoutMs = 600_000 }: PoolSettings = {},
): Promise<T> {
  const pool = await openPool(url, createLog('command', 'silent'), {
    ...{ maxPoolSize: sessions, statementTimeout: statementTimeoutMs },
  });
  try {
    return await use(pool);
  } finally {
    await pool.end();
  }
}
