import { Redis, type RedisOptions } from 'ioredis';
import { within } from './lifecycle.ts';
import type { Log } from './log.ts';
import { optionsFor, parseRedisUrl } from './redis-nodes.ts';

/**
 * ioredis derives a class from String, which leaves `String.prototype` as a dictionary in V8: every call of a text's method
 * then looks the method up, and reading the streams takes 1.7 times as long. Writing to an object behind which it stands mends that.
 */
(Object('') as { isWritten: boolean }).isWritten = true;

/** A connection on which an answer is due and nothing comes for so long is given up, and another one opened. */
const usualTimeoutMs = 5_000;
/** How often a Redis that loads its file is asked whether it has. ioredis would wait as long as Redis itself guesses, up to 10 s. */
const maxLoadingRetryTime = 200;

/** Refusals that mean that another server has what was asked for: this one does not, or not any more. The command did not run. */
const elsewhere =
  /^(?:MOVED|ASK|READONLY|CLUSTERDOWN|MASTERDOWN|UNBLOCKED|EXECABORT|ERR WAIT cannot be used with replica)\b/;

export type RedisSettings = {
  /** Whose keys the connection is for. In a cluster it is a connection to the primary of this shard. */
  readonly shard?: string;
  readonly timeoutMs?: number;
};

/** Every connection finds its primary anew when it is opened, so one that is refused for its place is given up. */
function connect(url: string, shard: string, options: Omit<RedisOptions, 'replyMapping'>): Redis {
  const target = parseRedisUrl(url);
  const all = { ...options, reconnectOnError: isElsewhere };
  if (target.kind === 'address') return new Redis(target.url, all);
  return new Redis({ ...all, ...optionsFor(target, shard) });
}

/** Whether Redis has refused a command since another server is to be asked. */
export function isElsewhere(error: unknown): boolean {
  return error instanceof Error && elsewhere.test(error.message);
}

/** Where the only shard is, unless someone adds more. */
const usualShard = 'main';

/**
 * For commands that must not be sent twice. A command whose answer was lost fails, and so does every command while Redis
 * is away: ioredis would otherwise send it again after reconnecting, which doubles what a script adds.
 */
export function connectOnce(
  url: string,
  log: Log,
  { shard = usualShard, timeoutMs = usualTimeoutMs }: RedisSettings = {},
): Redis {
  const redis = connect(url, shard, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A Redis that hangs must not hold requests for ever; what it was sent may still be done.
    commandTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxLoadingRetryTime,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
  });
  noteErrors(redis, log);
  return redis;
}

/** A login that was never taken will not be by itself, but for a Redis that is just being set up. */
const refusedLoginMs = 10_000;

/** Logs what keeps a connection from Redis. Ends the process with a sentence if no wait will help. */
function noteErrors(redis: Redis, log: Log): void {
  let refusedSince: number | null = null;
  let wasThere = false;
  redis.once('ready', () => {
    wasThere = true;
  });
  redis.on('error', ({ message }: Error) => {
    log.warn({ error: message }, 'Redis is away');
    if (wasThere || !/^(?:WRONGPASS|NOAUTH)\b/.test(message)) return;
    refusedSince ??= Date.now();
    if (Date.now() - refusedSince < refusedLoginMs) return;
    log.fatal({ error: message }, 'Redis refuses the login of REDIS_URL: check its user and password');
    process.exit(1);
  });
}

/** For loops and reads that wait until Redis is back, and whose commands may safely run twice. No read may block as long. */
export function connectPatiently(
  url: string,
  log: Log,
  { shard = usualShard, timeoutMs = usualTimeoutMs }: RedisSettings = {},
): Redis {
  const redis = connect(url, shard, {
    maxRetriesPerRequest: null,
    socketTimeout: timeoutMs,
    maxLoadingRetryTime,
    retryStrategy: (attempt) => Math.min(50 * attempt, 2_000),
  });
  noteErrors(redis, log);
  return redis;
}

/** For tools: a connection that fails rather than waits. Throws if Redis is not there. Commands take as long as they like. */
export async function connectNow(
  url: string,
  { shard = usualShard, timeoutMs }: RedisSettings = {},
): Promise<Redis> {
  const redis = connect(url, shard, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    ...(timeoutMs === undefined ? {} : { commandTimeout: timeoutMs }),
  });
  let failure: unknown;
  redis.on('error', (error) => {
    failure = error; // says more than that the connection was closed
  });
  const connectMs = Math.min(timeoutMs ?? usualTimeoutMs, usualTimeoutMs);
  try {
    // ioredis would give a connection two seconds more to close, which a Redis that hangs does not.
    await within(connectMs, redis.connect(), () => {
      throw new Error(`Redis has not answered within ${connectMs} ms`);
    });
  } catch (error) {
    redis.disconnect();
    throw failure ?? error;
  }
  return redis;
}

/** For whoever starts and ends servers: comes back every `pauseMs`, and says nothing of it. Commands wait until then. */
export function connectRestlessly(url: string, pauseMs: number, shard = usualShard): Redis {
  const redis = connect(url, shard, {
    maxRetriesPerRequest: null,
    // A Redis that loads its file guesses how long it will, up to 10 s, and ioredis would wait for that.
    maxLoadingRetryTime: pauseMs,
    retryStrategy: () => pauseMs,
  });
  redis.on('error', () => {});
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
