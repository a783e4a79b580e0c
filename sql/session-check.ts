import { randomInt } from 'node:crypto';
import type { Client } from 'pg';
import { sleep } from '../core/lifecycle.ts';
import { withPostgres } from './with-postgres.ts';

/** A pooler gives each transaction a session of its own choice. The message says what to change. */
export class SharedSessionsError extends Error {
  override name = 'SharedSessionsError';
  constructor() {
    super(
      'a pooler in transaction or statement mode is before the PostgreSQL of DATABASE_URL: the lock of a writer would hold nobody off. Set pool_mode = session, or go past it',
    );
  }
}

/** Of the locks of this check; the other half of a lock is random. */
const lockKind = 7_201_945;
/** A pooler takes a moment to clean a session, and a busy machine may take seconds for it. */
const cleanWithinMs = 10_000;
const connectWithinMs = 5_000;

/**
 * Throws `SharedSessionsError` unless a connection is one session of PostgreSQL from its begin to its end, as locks and settings need it.
 * A connection that leads straight there is known by its process number, and costs nothing more. Otherwise a lock must be held
 * while its connection is there, and not be held after it. A pooler that shares sessions fails in one of the two, however busy it is:
 * either it cleans a session after each transaction, or it does not when the connection ends.
 */
export async function assertSessions(databaseUrl: string): Promise<void> {
  const database = {
    connectionString: databaseUrl,
    connectionTimeoutMillis: connectWithinMs,
    query_timeout: connectWithinMs,
  };
  const lock = randomInt(2 ** 31);
  const isDirect = await withPostgres(database, async (client) => {
    if (await leadsToPostgres(client)) return true;
    await client.query('select pg_advisory_lock($1, $2)', [lockKind, lock]);
    if (!(await isHeld(client, lock))) throw new SharedSessionsError();
    return false;
  });
  if (isDirect) return;
  await withPostgres(database, async (client) => {
    const deadline = performance.now() + cleanWithinMs;
    while (await isHeld(client, lock)) {
      if (performance.now() > deadline) throw new SharedSessionsError();
      await sleep(50);
    }
  });
}

/** A pooler makes up the number that is there for cancels. */
async function leadsToPostgres(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid === (client as Client & { readonly processID: number }).processID;
}

async function isHeld(client: Client, lock: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_locks where locktype = 'advisory' and classid = $1 and objid = $2 and objsubid = 2`,
    [lockKind, lock],
  );
  return rowCount !== 0;
}
