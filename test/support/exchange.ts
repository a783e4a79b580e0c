import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { newSealingKey } from '../../core/sealing.ts';
import { migrate } from '../../sql/migrate.ts';
import { seed } from '../../sql/seed.ts';
import { issueToken } from '../../sql/tokens.ts';
import { execute } from './database.ts';
import { type Client, createClient } from './http.ts';
import { killProcess, type ProcessName, portOf, type Started, startProcess } from './processes.ts';
import { leastRights } from './rights.ts';

/**
 * A whole exchange of real processes, on a schema and a shard of its own. Each has the user of Redis and the role of PostgreSQL that
 * `npm run rights` makes for it, and can do no more.
 */
export type Exchange = {
  readonly shard: string;
  readonly databaseUrl: string;
  readonly redis: Redis;
  readonly baseUrl: string;
  readonly processes: Record<ProcessName, Started[]>;
  readonly operator: Client;
  readonly operatorToken: string;
  /** Requests with a trader's own token. */
  readonly trader: (traderId: number) => Promise<Client>;
  readonly tokenOf: (traderId: number) => Promise<string>;
  readonly anonymous: Client;
  /** Adds a product of whole lots up to 1,000 and ticks of 0.01 up to 1,000.00, or as said, and returns its id. */
  readonly addProduct: (said?: Record<string, unknown>) => Promise<string>;
  /** Deposits money from outside. */
  readonly deposit: (traderId: number, currency: string, amount: string) => Promise<void>;
  /** The addresses by which a process comes as itself. */
  readonly addressesFor: (name: ProcessName) => NodeJS.ProcessEnv;
  /** Starts one more process of a kind. */
  readonly start: (name: ProcessName, env?: NodeJS.ProcessEnv) => Promise<Started>;
  /** Kills every process of a kind without warning. */
  readonly kill: (name: ProcessName) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type ExchangeOptions = {
  readonly matchers?: number;
  readonly writers?: number;
  readonly env?: NodeJS.ProcessEnv;
};

/** What the exchange's secrets are sealed with. */
export const sealingKey = newSealingKey('test');

export async function startExchange(options: ExchangeOptions = {}): Promise<Exchange> {
  const { matchers = 1, writers = 1 } = options;
  const shard = `test-${randomBytes(6).toString('hex')}`;
  const schema = shard.replace('-', '_');
  const databaseUrl = urlOfSchema(schema);
  await migrate(databaseUrl);
  await seed(databaseUrl, shard);
  const redis = new Redis(given('REDIS_URL'));
  const addressesFor = await leastRights({ redis, redisUrl: given('REDIS_URL'), databaseUrl });
  const usual = {
    SHARD: shard,
    HOST: '127.0.0.1',
    PORT: '0',
    MATCHER_METRICS_PORT: '0',
    WRITER_METRICS_PORT: '0',
    NOTIFIER_METRICS_PORT: '0',
    SECRETS_KEY: sealingKey,
    // Tests place by the thousand.
    MAX_OPEN_ORDERS: '100000',
    RATE_LIMITS: 'off',
  };
  const processes: Exchange['processes'] = { api: [], matcher: [], writer: [], notifier: [] };
  const start: Exchange['start'] = async (name, env) => {
    const started = await startProcess(name, {
      ...{ ...usual, ...addressesFor(name), PRODUCT_POLL_MS: '50' },
      ...{ ...options.env, ...env },
    });
    processes[name].push(started);
    return started;
  };
  await Promise.all([
    start('api'),
    ...Array.from({ length: matchers }, () => start('matcher')),
    ...Array.from({ length: writers }, () => start('writer')),
  ]);
  const baseUrl = `http://127.0.0.1:${await portOf(processes.api[0]!)}`;
  const operatorToken = await issueToken(databaseUrl, 'operator');
  const operator = createClient(baseUrl, operatorToken);
  return {
    ...{ shard, databaseUrl, redis, baseUrl, processes, start, operator, operatorToken, addressesFor },
    addProduct: productAdder(operator),
    deposit: depositor(operator),
    trader: async (traderId) => createClient(baseUrl, await issueToken(databaseUrl, { traderId })),
    tokenOf: (traderId) => issueToken(databaseUrl, { traderId }),
    anonymous: createClient(baseUrl, null),
    kill: async (name) => {
      await Promise.all(processes[name].splice(0).map(killProcess));
    },
    stop: async () => {
      await Promise.all(Object.values(processes).flat().map(killProcess));
      await dropShard(redis, shard);
      redis.disconnect();
      await execute(urlOfSchema('public'), `drop schema "${schema}" cascade`);
    },
  };
}

function given(name: 'REDIS_URL' | 'DATABASE_URL'): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with \`npm test\``);
  return value;
}

function urlOfSchema(schema: string): string {
  const url = given('DATABASE_URL');
  return `${url}${url.includes('?') ? '&' : '?'}options=-c%20search_path%3D${schema}`;
}

function productAdder(operator: Client): Exchange['addProduct'] {
  let added = 0;
  return async (said = {}) => {
    const id = `P${++added}-USD`;
    const usual = { quote_increment: '0.01', base_increment: '1', max_price: '1000', base_max_size: '1000' };
    const { status, body } = await operator.post('/products', { id, ...usual, ...said });
    if (status !== 200) throw new Error(`the product was not added: ${JSON.stringify(body)}`);
    return id;
  };
}

function depositor(operator: Client): Exchange['deposit'] {
  let deposits = 0;
  return async (traderId, currency, amount) => {
    const transfer = { trader_id: traderId, currency, amount, transfer_id: `deposit-${++deposits}` };
    const { status, body } = await operator.post('/deposits', transfer);
    if (status !== 200) throw new Error(`nothing was deposited: ${JSON.stringify(body)}`);
  };
}

async function dropShard(redis: Redis, shard: string): Promise<void> {
  for await (const keys of redis.scanStream({ match: `{${shard}}:*`, count: 10_000 }))
    if (keys.length > 0) await redis.unlink(...(keys as string[]));
}
