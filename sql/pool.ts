import { defaults } from 'pg';
import {
  createPool,
  type DatabasePool,
  type Interceptor,
  type QueryResultRow,
  SchemaValidationError,
} from 'slonik';
import { backoff, sleep } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import { noteSessions } from './cancel.ts';
import { isCheckedByFirst } from './checked-by-first.ts';
import type { Freshness } from './freshness.ts';
import { hopelessFor } from './hopeless.ts';
import { assertSessions } from './session-check.ts';

/** Slonik leaves the validation of rows to its user: each row is checked against the statement's schema, or the first of them. */
const checkRows: Interceptor = {
  name: 'checkRows',
  transformRow: (context, query, row) => {
    if (!context.resultParser || context.sandbox.isChecked) return row;
    context.sandbox.isChecked = isCheckedByFirst(context.resultParser);
    const checked = context.resultParser['~standard'].validate(row);
    if (checked instanceof Promise) throw new TypeError('row schemas are synchronous');
    if (checked.issues) throw new SchemaValidationError(query, row, [...checked.issues]);
    return checked.value as QueryResultRow;
  },
};

/** Integers are numbers (all are below 2^53), amounts and times are text; each statement's own schema turns them into more. */
const typeParsers = [
  { name: 'int8', parse: Number },
  { name: 'numeric', parse: (text: string) => text },
  { name: 'timestamptz', parse: (text: string) => text },
];

/** No connection outlives a change of what is behind the address by more than this, once it is free. */
const oldestMs = 600_000;

export type PoolOptions = {
  readonly maxPoolSize: number;
  readonly statementTimeout: number;
  /** Keeps stale connections from being used. */
  readonly freshness?: Freshness;
};

/** Opens a pool; throws if the database is away. `statementTimeout` in ms. */
export async function openPool(
  databaseUrl: string,
  log: Log,
  { freshness, ...options }: PoolOptions,
): Promise<DatabasePool> {
  const pool = await createPool(databaseUrl, {
    ...options,
    minPoolSize: 1,
    connectionTimeout: 5_000,
    gracefulTerminationTimeout: 1_000,
    idleTimeout: 'DISABLE_TIMEOUT',
    maximumConnectionAge: oldestMs,
    // The default, DISCARD ALL after every use, doubles the cost of a small query, and no session here is left changed.
    resetConnection: async () => {},
    typeParsers,
    interceptors: [checkRows, noteSessions, ...(freshness ? [freshness.interceptor] : [])],
  });
  pool.on('error', (error: Error) => log.warn({ error: error.message }, 'PostgreSQL connection failed'));
  return pool;
}

/** How much later than PostgreSQL itself a client gives up a statement. */
const silenceMs = 1_000;

/**
 * For a process that cannot do without it: opens a pool as soon as the database is there, and ends the process with a sentence
 * if no wait will help. A connection on which nothing comes any
 * more is given up; Slonik has no option for that, and it would hold a place in the pool for ever.
 */
export async function openPoolPatiently(
  ...[databaseUrl, log, options]: Parameters<typeof openPool>
): Promise<DatabasePool> {
  defaults.query_timeout = options.statementTimeout + silenceMs;
  const start = Date.now();
  for (let attempt = 0; ; attempt++) {
    try {
      await assertSessions(databaseUrl);
      return await openPool(databaseUrl, log, options);
    } catch (error) {
      const hopeless = hopelessFor(error, Date.now() - start);
      if (hopeless) {
        log.fatal({ error: String(error) }, hopeless);
        process.exit(1);
      }
      log.warn({ error: String(error) }, 'PostgreSQL is away; waiting for it');
      await sleep(backoff(attempt));
    }
  }
}
