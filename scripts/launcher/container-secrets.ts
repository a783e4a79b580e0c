import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { newSealingKey } from '../../core/sealing.ts';
import { databaseProcesses, roleOf } from '../../sql/rights.ts';
import { PlainError } from '../console/errors.ts';
import { keepPasswords, newPassword, passwordDigest } from './rights/passwords.ts';
import { redisProcesses, redisUserOf, redisUserRules } from './rights/redis-users.ts';

export type GivenSecrets = Readonly<
  Partial<
    Record<
      'REDIS_PASSWORD' | 'POSTGRES_PASSWORD' | 'GRAFANA_PASSWORD' | 'SECRETS_KEY' | 'REDIS_SENTINELS',
      string
    >
  >
>;

export class SecretRefused extends PlainError {}

/**
 * Each folder is a volume that only its containers have, so that none sees another's password. Whoever may mount a volume may
 * read its files: their users differ from image to image.
 */
export function makeSecrets(folder: string, given: GivenSecrets): void {
  const path = (name: string): string => join(folder, name);
  const keep = (name: string, wanted: string | undefined, make: () => string): string => {
    if (!wanted && existsSync(path(name))) return readFileSync(path(name), 'utf8').trim();
    const value = wanted || make();
    write(path(name), value);
    return value;
  };
  const postgres = keepPostgresPassword(path('postgres/password'), given.POSTGRES_PASSWORD);
  const redis = keep('redis/password', plain('REDIS_PASSWORD', given.REDIS_PASSWORD), newPassword);
  const passwords = keepPasswords(path('exchange/passwords'));
  const users = redisProcesses.map((process) => redisUserRules(process, passwordDigest(passwords[process])));
  write(
    path('redis/password.conf'),
    [`requirepass ${redis}`, `masterauth ${redis}`, ...users.map((rules) => `user ${rules.join(' ')}`)].join(
      '\n',
    ),
  );
  keep('grafana/password', given.GRAFANA_PASSWORD, newPassword);
  const key = keep('exchange/secrets-key', given.SECRETS_KEY, () => newSealingKey('first'));
  for (const process of ['api', 'notifier']) write(path(`${process}/secrets-key`), key);
  write(path('exchange/database-url'), databaseUrl('cardstock', postgres));
  write(path('exchange/redis-url'), redisUrl('', redis, given.REDIS_SENTINELS));
  for (const process of databaseProcesses)
    write(path(`${process}/database-url`), databaseUrl(roleOf(process), passwords[process]));
  for (const process of redisProcesses)
    write(
      path(`${process}/redis-url`),
      redisUrl(redisUserOf(process), passwords[process], given.REDIS_SENTINELS),
    );
}

const databaseUrl = (user: string, password: string): string =>
  `postgresql://${user}:${encodeURIComponent(password)}@postgres:5432/cardstock`;

/** PostgreSQL takes its password when it makes the database, and never again. */
function keepPostgresPassword(file: string, wanted: string | undefined): string {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  if (kept !== undefined && wanted && wanted !== kept)
    throw new SecretRefused(
      'POSTGRES_PASSWORD is not the password that the database was made with. Change it there by ALTER ROLE, and in the volume postgres-secrets; then start again.',
    );
  if (kept !== undefined) return kept;
  const value = wanted || newPassword();
  write(file, value);
  return value;
}

function plain(name: string, value: string | undefined): string | undefined {
  if (value && !/^[\w.~-]+$/.test(value))
    throw new SecretRefused(
      `${name} may have letters, digits and -._~ only: it becomes a line of redis.conf.`,
    );
  return value;
}

function redisUrl(user: string, password: string, sentinels: string | undefined): string {
  const login = `${user}:${encodeURIComponent(password)}`;
  return sentinels ? `redis+sentinel://${login}@${sentinels}/main` : `redis://${login}@redis:6379`;
}

/** In one step, over a file that may not be written to. */
function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o444 });
  renameSync(`${file}.new`, file);
}
