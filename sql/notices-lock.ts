import { type CommonQueryMethods, sql } from 'slonik';

/** Any number, as long as no other lock of ours takes it. */
const lock = 7_201_944;

/** Held until the transaction ends. */
export async function lockNotices(transaction: CommonQueryMethods): Promise<void> {
  await transaction.query(sql.unsafe`select pg_advisory_xact_lock(${lock})`);
}
