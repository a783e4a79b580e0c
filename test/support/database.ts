import { randomBytes } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import type { DatabasePool } from 'slonik';
import { createLog } from '../../core/log.ts';
import { migrate } from '../../sql/migrate.ts';
import { openPool, type PoolOptions } from '../../sql/pool.ts';
import { seed } from '../../sql/seed.ts';
import { withPostgres } from '../../sql/with-postgres.ts';

export type FreshDatabase = {
  /** Connections by this string see no schema but this one. */
  readonly url: string;
  readonly drop: () => Promise<void>;
};

/** A schema of its own with the tables, the four cards and 10,000 traders. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const schema = `test_${randomBytes(6).toString('hex')}`;
  const url = `${databaseUrl()}${databaseUrl().includes('?') ? '&' : '?'}options=-c%20search_path%3D${schema}`;
  await migrate(url);
  await seed(url);
  return { url, drop: () => execute(databaseUrl(), `drop schema "${schema}" cascade`) };
}

/** The same with connections to it, which end with the test. */
export async function freshPool(
  t: ExecutionContext,
  options: PoolOptions = { maxPoolSize: 1, statementTimeout: 5_000 },
): Promise<{ url: string; pool: DatabasePool }> {
  const { url, drop } = await freshDatabase();
  t.teardown(drop);
  const pool = await openPool(url, createLog('test', 'silent'), options);
  t.teardown(() => pool.end());
  return { url, pool };
}

/** Runs statements that answer nothing. */
export async function execute(url: string, ...statements: string[]): Promise<void> {
  await withPostgres(url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

/** A shard that counts from `number` × 2^44 on, with products `A-USD` and `B-USD` in ticks of 0.01 and whole lots. */
export function addShard(url: string, shard: string, number: number): Promise<void> {
  return execute(
    url,
    `insert into checkpoints (shard, number, sequence) values ('${shard}', ${number}, ${number} * 2::bigint ^ 44)`,
    `insert into currencies (currency, name, kind, increment) values ('A', 'A', 'crypto', 1), ('B', 'B', 'crypto', 1)`,
    `insert into products (product_id, shard, base_currency, quote_currency, quote_increment, base_increment,
        min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds)
      select card || '-USD', '${shard}', card, 'USD', 0.01, 1, 0.01, 1.00, 1, 1000, 0.01, 10.00
      from unnest(array['A', 'B']) card`,
  );
}

function databaseUrl(): string {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error('DATABASE_URL is not set: run the tests with `npm test`');
  return url;
}
