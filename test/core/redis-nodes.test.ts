import test from 'ava';
import { parseRedisUrl, type RedisTarget } from '../../core/redis-nodes.ts';

const seeds = (...ports: number[]) => ports.map((port) => ({ host: 'h', port }));

const read: Record<string, RedisTarget> = {
  'redis://h:1': { kind: 'address', url: 'redis://h:1' },
  'rediss://u:p@h': { kind: 'address', url: 'rediss://u:p@h' },
  '/run/redis.sock?password=x': { kind: 'address', url: '/run/redis.sock?password=x' },
  'redis+cluster://h:7001,h:7002': { kind: 'cluster', seeds: seeds(7_001, 7_002), login: {}, tls: false },
  'rediss+cluster://u:p%40q@h,h:2/': {
    kind: 'cluster',
    seeds: seeds(6_379, 2),
    login: { username: 'u', password: 'p@q' },
    tls: true,
  },
  'redis+cluster://[::1]:7001': {
    kind: 'cluster',
    seeds: [{ host: '::1', port: 7_001 }],
    login: {},
    tls: false,
  },
  'redis+sentinel://:p@h,h:2/m?sentinel_password=s': {
    ...{ kind: 'sentinel', seeds: seeds(26_379, 2), login: { password: 'p' }, tls: false },
    ...{ master: 'm', sentinelAuth: { password: 's' } },
  },
};

for (const [url, target] of Object.entries(read))
  test(`${url} is read`, (t) => {
    t.deepEqual(parseRedisUrl(url), target);
  });

const refused = {
  'redis+sentinel://h': /must name the master/,
  'redis+cluster://h/1': /must not name a database/,
  'redis+cluster://h:x': /must list hosts as host or host:port/,
  'http://h': /must be redis:/,
  'localhost:6379': /must be redis:/,
};

for (const [url, message] of Object.entries(refused))
  test(`${url} is refused with a sentence`, (t) => {
    t.throws(() => parseRedisUrl(url), { message });
  });
