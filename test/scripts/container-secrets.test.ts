import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readConfig } from '../../core/config.ts';
import { parseRedisUrl } from '../../core/redis-nodes.ts';
import { type GivenSecrets, makeSecrets, SecretRefused } from '../../scripts/launcher/container-secrets.ts';

function made(t: { teardown: (end: () => void) => void }) {
  const folder = mkdtempSync(join(tmpdir(), 'cardstock-secrets-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
  return { make: (given: GivenSecrets = {}) => makeSecrets(folder, given), read, folder };
}

test('secrets are made once, fit each other, and are what the processes read', (t) => {
  const { make, read, folder } = made(t);
  make();
  const [redis, postgres] = [read('redis/password'), read('postgres/password')];
  t.is(redis.length, 32);
  t.not(redis, postgres);
  t.true(
    read('redis/password.conf').startsWith(
      `requirepass ${redis}\nmasterauth ${redis}\nuser cardstock-api reset on `,
    ),
  );
  const config = readConfig({
    REDIS_URL_FILE: join(folder, 'exchange/redis-url'),
    DATABASE_URL_FILE: join(folder, 'exchange/database-url'),
    SECRETS_KEY_FILE: join(folder, 'exchange/secrets-key'),
  });
  t.is(config.redisUrl, `redis://:${redis}@redis:6379`);
  t.is(new URL(config.databaseUrl).password, postgres);
  t.is(statSync(join(folder, 'redis/password')).mode & 0o222, 0);
  make();
  t.is(read('redis/password'), redis);
  t.is(read('exchange/secrets-key'), config.secretsKey!);
});

test('what is given is taken; a database keeps the password that it was made with', (t) => {
  const { make, read } = made(t);
  make({ REDIS_PASSWORD: 'one', POSTGRES_PASSWORD: 'p@ss/word' });
  t.true(read('exchange/database-url').includes(':p%40ss%2Fword@'));
  make({ REDIS_PASSWORD: 'two', POSTGRES_PASSWORD: 'p@ss/word', REDIS_SENTINELS: 's1,s2' });
  t.is(read('redis/password'), 'two');
  const found = parseRedisUrl(read('exchange/redis-url'));
  t.is(found.kind, 'sentinel');
  t.throws(() => make({ POSTGRES_PASSWORD: 'other' }), { instanceOf: SecretRefused, message: /ALTER ROLE/ });
  t.throws(() => make({ REDIS_PASSWORD: 'a b' }), { instanceOf: SecretRefused });
});

test('each process has addresses of its own, and what it does not need is not there', (t) => {
  const { make, read, folder } = made(t);
  make();
  const there = (name: string): boolean => existsSync(join(folder, name));
  const users = read('redis/password.conf').split('\n').slice(2);
  for (const process of ['api', 'matcher', 'writer', 'notifier']) {
    const database = new URL(read(`${process}/database-url`));
    t.is(database.username, `cardstock_${process}`);
    t.is(database.password, read(`exchange/passwords/${process}`));
    t.is(there(`${process}/secrets-key`), process === 'api' || process === 'notifier', process);
    t.is(there(`${process}/redis-url`), process !== 'notifier', process);
    if (process === 'notifier') continue;
    const redis = new URL(read(`${process}/redis-url`));
    t.is(redis.username, `cardstock-${process}`);
    const sha256 = createHash('sha256').update(redis.password).digest('hex');
    t.true(users.some((line) => line.startsWith(`user cardstock-${process} reset on #${sha256} ~`)));
  }
  const before = read('api/redis-url');
  make();
  t.is(read('api/redis-url'), before);
});
