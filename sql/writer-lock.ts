import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

/** The lock by which one session at a time writes a shard. It ends with its session. */
const writerLock = (shard: string) =>
  sql.fragment`hashtextextended('writer of ' || current_schema() || ' ' || ${shard}, 0)`;

const lockRow = z.object({ locked: z.boolean() });

/** False if another session has it. */
export async function tryWriterLock(connection: CommonQueryMethods, shard: string): Promise<boolean> {
  const { locked } = await connection.one(
    sql.type(lockRow)`select pg_try_advisory_lock(${writerLock(shard)}) as locked`,
  );
  return locked;
}

export async function releaseWriterLock(connection: CommonQueryMethods, shard: string): Promise<void> {
  await connection.query(sql.unsafe`select pg_advisory_unlock(${writerLock(shard)})`);
}
