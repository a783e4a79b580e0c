import { Redis } from 'ioredis';
import type { Log } from './log.ts';

/**
 * ioredis derives a class from String, which leaves `String.prototype` as a dictionary in V8: every call of a text's method
 * then looks the method up, and reading the streams takes 1.7 times as long. Writing to an object behind which it stands mends that.
 */
(Object('') as { isWritten: boolean }).isWritten = true;

/** A connection on which an answer is due and nothing comes for so long is given up, and another one opened. */
const usualTimeoutMs = 5_000;
/** How often a Redis that loads its file is asked whether it has. ioredis would wait as long as Redis itself guesses, up to 10 s. */
const maxLoadingRetryTime = 200;

/**
 * For commands that must not be sent twice. A command whose answer was lost fails, and so does every command while Redis
 * is away: ioredis would otherwise send it again after reconnecting, which doubles what a script adds.
 */
export function connectOnce(url: string, log: Log, timeoutMs = usualTimeoutMs): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A Redis that hangs must not hold requests for ever; what it was sent may still be done.
    commandTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxLoadingRetryTime,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
  });
  redis.on('error', (error) => log.warn({ error: error.message }, 'Redis is away'));
  return redis;
}

/** For loops and reads that wait until Redis is back, and whose commands may safely run twice. No read may block as long. */
export function connectPatiently(url: string, log: Log, timeoutMs = usualTimeoutMs): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    socketTimeout: timeoutMs,
    maxLoadingRetryTime,
    retryStrategy: (attempt) => Math.min(50 * attempt, 2_000),
  });
  redis.on('error', (error) => log.warn({ error: error.message }, 'Redis is away'));
  return redis;
}

/** Hears what is published on a channel. Once is enough: ioredis subscribes again by itself after it has reconnected. */
export function listen(connection: Redis, channel: string, hear: (message: string) => void): void {
  connection.on('message', (_, message: string) => hear(message));
  connection.subscribe(channel).catch(() => {}); // closed before Redis was there
}

/** Resolves once the connection can take commands; `connectOnce` refuses them before that. */
export async function connected(redis: Redis): Promise<Redis> {
  if (redis.status !== 'ready') await new Promise<void>((resolve) => redis.once('ready', () => resolve()));
  return redis;
}
