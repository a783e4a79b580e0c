import test from 'ava';
import { type Exchange, sealingKey, startExchange } from '../support/exchange.ts';
import { type ProcessName, startProcess } from '../support/processes.ts';
import { redisUrl } from '../support/redis.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange({ matchers: 0, writers: 0 });
});
test.after.always(() => exchange.stop());

const withPassword = (url: string): string =>
  url.replace(/password=\w+/, 'password=wrong').replace(/:\w+@/, ':wrong@');
const withUser = (url: string): string => Object.assign(new URL(url), { username: 'nobody' }).href;
const withName = (url: string): string => Object.assign(new URL(url), { pathname: '/nowhere' }).href;
const withTls = (url: string): string => `${url}&sslmode=require`;

const cases: [what: string, name: ProcessName, changed: () => NodeJS.ProcessEnv, says: RegExp][] = [
  [
    'PostgreSQL knows no such user',
    'api',
    () => ({ DATABASE_URL: withUser(exchange.databaseUrl) }),
    /refuses the login of DATABASE_URL/,
  ],
  [
    'there is no such database',
    'matcher',
    () => ({ DATABASE_URL: withName(exchange.databaseUrl) }),
    /no database of the name in DATABASE_URL/,
  ],
  [
    'PostgreSQL has no TLS and sslmode wants it',
    'writer',
    () => ({ DATABASE_URL: withTls(exchange.databaseUrl) }),
    /sslmode of DATABASE_URL cannot work/,
  ],
  [
    'PostgreSQL knows no such user',
    'notifier',
    () => ({ DATABASE_URL: withUser(exchange.databaseUrl) }),
    /refuses the login of DATABASE_URL/,
  ],
  ...(['api', 'matcher', 'writer'] as const).map((name): (typeof cases)[number] => [
    'Redis refuses the password',
    name,
    () => ({ REDIS_URL: withPassword(redisUrl()) }),
    /Redis refuses the login of REDIS_URL/,
  ]),
];

/** What a process has said when it ends by itself. A writer says before that it is ready, since it may have to stand by. */
async function lastWordsOf(name: ProcessName, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { exited, lines } = await startProcess(name, env);
    await exited;
    return lines.join('\n');
  } catch (error) {
    return (error as Error).message;
  }
}

for (const [what, name, changed, says] of cases)
  test(`the ${name} ends with a sentence when ${what}`, async (t) => {
    const env = { REDIS_URL: redisUrl(), DATABASE_URL: exchange.databaseUrl, SHARD: exchange.shard };
    const quiet = { PORT: '0', MATCHER_METRICS_PORT: 'off', WRITER_METRICS_PORT: 'off', API_WORKERS: '1' };
    const others = { NOTIFIER_METRICS_PORT: 'off', SECRETS_KEY: sealingKey };
    const said = await lastWordsOf(name, { ...env, ...quiet, ...others, ...changed() });
    t.regex(said, says);
    t.regex(said, /"level":"fatal"/);
    t.notRegex(said, /^ {4}at /m, 'no stack');
  });
