import { type CommonQueryMethods, sql } from 'slonik';
import { sleep, within } from '../core/lifecycle.ts';

/**
 * Lets PostgreSQL end this session, and with it the writer's lock, once nothing was heard in it for `leaseMs`: a writer that
 * hangs, or whose machine is gone without a word, then makes way for one that stands by.
 */
export async function openLease(connection: CommonQueryMethods, leaseMs: number): Promise<void> {
  const lease = sql.literalValue(`${leaseMs}ms`);
  await connection.query(sql.unsafe`set idle_session_timeout = ${lease}`);
  await connection.query(sql.unsafe`set idle_in_transaction_session_timeout = ${lease}`);
}

/** Says that whoever leads is still there. Called several times in a lease, if there is nothing to write. */
export async function renewLease(connection: CommonQueryMethods): Promise<void> {
  await connection.query(sql.unsafe`select 1`);
}

/** So many that one may be late. */
const renewalsInLease = 4;

/** Waits for what Redis does, or for a batch to be made, and says meanwhile that whoever leads is still there. */
export async function whileRenewing<T>(
  connection: CommonQueryMethods,
  leaseMs: number,
  work: Promise<T>,
): Promise<T> {
  for (;;) {
    const pause = new AbortController();
    const isLate = sleep(leaseMs / renewalsInLease, pause.signal).then(() => true);
    try {
      if (!(await Promise.race([work.then(() => false), isLate]))) return work;
    } finally {
      pause.abort();
    }
    await renewLease(connection);
  }
}

/** Who stands by must not wait longer than a lease for an answer that does not come: its own session may be the one that is lost. */
export function withinLease<T>(answer: Promise<T>, leaseMs: number): Promise<T> {
  return within(leaseMs, answer, () => {
    throw new Error(`PostgreSQL has not answered within ${leaseMs} ms`);
  });
}
