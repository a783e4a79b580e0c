// What each process may do in Redis, and no more. The notifier does not use it.

import { type ShardKeys, shardKeys } from '../../../core/keys.ts';

export const redisProcesses = ['api', 'matcher', 'writer'] as const;
export type RedisProcess = (typeof redisProcesses)[number];

export const redisUserOf = (process: RedisProcess): string => `cardstock-${process}`;

type Key = keyof ShardKeys;
type Rights = {
  readonly commands: readonly string[];
  /** Keys that it reads and writes, and keys that it reads only. Those of `others` have no name in `shardKeys`. */
  readonly writes: readonly (Key | 'oids' | 'transfers' | 'claims')[];
  readonly reads: readonly Key[];
  /** Those that it speaks or listens on: Redis knows one right for both. */
  readonly channels: readonly Key[];
};

const others = { oids: 'oid:', transfers: 'transfer:', claims: 'session-claim:' } as const;
const manyFollow: readonly string[] = ['books', 'accounts', 'oids', 'transfers', 'claims'];

const words = (text: string): string[] => text.split(' ');

/** To connect, to check what Redis is, and to hear channels. */
const everybody = words('info ping select subscribe unsubscribe');
/** What `submit.lua` calls, and what goes with it. */
const submitting = words('evalsha script|load hmget get set xadd hset wait publish');
const sharing = words('time multi exec zadd zrem zremrangebyscore zrange');

export const redisRights: Readonly<Record<RedisProcess, Rights>> = {
  // It takes commands into the sequence, and cannot touch what they come to: no event, order, book or balance.
  api: {
    commands: [
      ...submitting,
      ...words('hget hgetall mget exists sismember xlen xread xrange xrevrange multi exec del'),
      ...words('zadd zrem zrange zrangebyscore zscore'),
    ],
    writes: ['commands', 'state', 'written', 'oids', 'transfers', 'sessions', 'claims', 'probe', 'rooms'],
    reads: ['events', 'products', 'frozen', 'accounts', 'dead', 'matchers', 'writers'],
    channels: ['persisted', 'awaited', 'traced'],
  },
  matcher: {
    commands: [
      ...[...submitting, ...sharing],
      ...words('hget hgetall hsetnx hdel del exists sismember smembers sadd srem'),
      ...words('xread xrange xrevrange zrangebyscore'),
    ],
    writes: [
      ...(['commands', 'events', 'state', 'orders', 'products', 'books', 'accounts'] as const),
      ...(['cascade', 'expiring', 'frozen', 'written', 'oids', 'transfers', 'matchers'] as const),
    ],
    reads: [],
    channels: ['awaited', 'traced'],
  },
  writer: {
    commands: [
      ...sharing,
      ...words('hget hmget hset xadd xack xgroup xlen xrange xreadgroup xtrim publish wait'),
    ],
    writes: ['commands', 'events', 'state', 'dead', 'writers'],
    reads: [],
    channels: ['persisted', 'awaited', 'traced'],
  },
};

/** What follows `ACL SETUSER`, and `user` in a file of users. Sha-256 of the password, so that no file has it. */
export function redisUserRules(process: RedisProcess, sha256: string): string[] {
  const { commands, writes, reads, channels } = redisRights[process];
  return [
    redisUserOf(process),
    ...['reset', 'on', `#${sha256}`],
    ...writes.map((key) => `~${patternOf(key)}`),
    ...reads.map((key) => `%R~${patternOf(key)}`),
    ...channels.map((key) => `&${patternOf(key)}`),
    ...new Set([...everybody, ...commands].map((command) => `+${command}`)),
  ];
}

/** In whatever shard. */
function patternOf(key: Key | keyof typeof others): string {
  const keys = shardKeys('*');
  const start = key in others ? `{*}:${others[key as keyof typeof others]}` : keys[key as Key];
  return manyFollow.includes(key) ? `${start}*` : start;
}
