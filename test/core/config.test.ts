import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ConfigError, readConfig } from '../../core/config.ts';
import { withSecretFiles } from '../../core/secret-files.ts';

test('an empty environment gives the defaults', (t) => {
  t.like(readConfig({}), {
    redisUrl: 'redis://127.0.0.1:6379',
    databaseUrl: 'postgresql://127.0.0.1:5432/cardstock',
    port: 3000,
    matcherMetricsPort: 3001,
    writerMetricsPort: 3002,
    shard: 'main',
    runSize: 1_000,
    maxUnmatched: 200_000,
    maxUnpersisted: 1_000_000,
  });
});

test('an empty variable is one that is not set', (t) => {
  t.deepEqual(readConfig({ PORT: '', SHARD: '' }), readConfig({}));
});

test('variables that are not ours are let be', (t) => {
  t.deepEqual(readConfig({ HOME: '/root', PORTS: 'x' }), readConfig({}));
});

test('numbers are read as numbers', (t) => {
  t.is(readConfig({ RUN_SIZE: '7' }).runSize, 7);
  t.is(readConfig({ PORT: '0' }).port, 0);
});

test('metrics are served on a port, on any free one, or not at all', (t) => {
  for (const [given, port] of [
    ['9100', 9_100],
    ['0', 0],
    ['off', null],
  ] as const)
    t.is(readConfig({ WRITER_METRICS_PORT: given }).writerMetricsPort, port);
});

test('the configuration cannot be changed', (t) => {
  t.true(Object.isFrozen(readConfig({})));
});

const wrong: Record<string, string[]> = {
  PORT: ['-1', '65536', '80.5', 'http', '0x1g'],
  MATCHER_METRICS_PORT: ['-1', '65536', 'on'],
  API_WORKERS: ['0', '65'],
  RUN_SIZE: ['0', '5001', 'many'],
  COMMIT_SIZE: ['0'],
  MAX_UNMATCHED: ['999'],
  MAX_UNPERSISTED: ['1e12'],
  STREAM_RETENTION: ['1'],
  CLIENT_OID_WINDOW_MS: ['1000'],
  WAIT_TIMEOUT_MS: ['0'],
  REDIS_TIMEOUT_MS: ['1000'],
  WRITER_LEASE_MS: ['0'],
  LOG_LEVEL: ['loud'],
  TRUSTED_PROXIES: ['17', 'proxy', '10.0.0.1/33', '10.0.0.0/8/8', '10.0.0.1,'],
  SHARD: ['Main', 'a b', '{main}', 'x'.repeat(33)],
};

for (const [name, values] of Object.entries(wrong)) {
  test(`a wrong ${name} is an error that names it`, (t) => {
    for (const value of values) {
      const error = t.throws(() => readConfig({ [name]: value }), { instanceOf: ConfigError });
      t.is(error?.problems.length, 1);
      t.true(error?.problems[0]?.startsWith(`${name}: `), error?.message);
    }
  });
}

test('proxies are trusted by their number, or by their addresses and networks', (t) => {
  t.is(readConfig({ TRUSTED_PROXIES: '2' }).trustedProxies, 2);
  t.deepEqual(readConfig({ TRUSTED_PROXIES: '10.0.0.2, fd00::/8,uniquelocal' }).trustedProxies, [
    '10.0.0.2',
    'fd00::/8',
    'uniquelocal',
  ]);
});

test('what carries a password may be in a file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cardstock-config-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'url');
  writeFileSync(file, 'redis://:secret@redis:6379\n');
  t.is(readConfig({ REDIS_URL_FILE: file }).redisUrl, 'redis://:secret@redis:6379');
  t.throws(() => readConfig({ REDIS_URL_FILE: file, REDIS_URL: 'redis://redis' }), {
    message: /are both given/,
  });
  t.throws(() => readConfig({ DATABASE_URL_FILE: `${file}s` }), {
    message: /DATABASE_URL_FILE cannot be read: ENOENT/,
  });
  t.is(
    withSecretFiles({ REDIS_URL_FILE: file }).REDIS_URL_FILE,
    undefined,
    'children are given the value alone',
  );
});

test('all that is wrong is said at once', (t) => {
  const error = t.throws(() => readConfig({ PORT: 'x', RUN_SIZE: '0' }), { instanceOf: ConfigError });
  t.deepEqual(
    error?.problems.map((problem) => problem.split(':')[0]),
    ['PORT', 'RUN_SIZE'],
  );
});
