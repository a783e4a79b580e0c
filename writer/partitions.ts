import { type DatabasePoolConnection, sql } from 'slonik';
import { z } from 'zod';
import { firstSequenceOf, shardNumberOf } from '../core/order.ts';

const end = z.object({ below: z.number().nullable() });

/**
 * Keeps partitions of `size` sequences ahead of what is written; the answer says up to where they reach. A new one is
 * added when the last is half full, long before it is needed. While somebody holds a lock on the tables it may reach less far:
 * a writer that has room need not wait.
 */
export async function ensurePartitions(
  connection: DatabasePoolConnection,
  sequence: number,
  size: number,
): Promise<number> {
  const shard = shardNumberOf(sequence);
  const [from, before] = [firstSequenceOf(shard), firstSequenceOf(shard + 1)];
  let { below } = await connection.one(sql.type(end)`
    select max(below_sequence) as below from partitions where from_sequence >= ${from} and from_sequence < ${before}`);
  below ??= from;
  while (below < sequence + size / 2) {
    if (!(await addPartition(connection, below, { size, isUrgent: below <= sequence }))) break;
    below += size;
  }
  return below;
}

/** Shorter than readers notice: they queue behind whoever waits for the lock. */
const shortWaitMs = 100;

type Wanted = { readonly size: number; readonly isUrgent: boolean };

/** False if somebody holds a lock that is needed, such as a backup or a long report, and there is room for now. */
async function addPartition(
  connection: DatabasePoolConnection,
  from: number,
  { size, isUrgent }: Wanted,
): Promise<boolean> {
  try {
    await connection.transaction(async (transaction) => {
      if (!isUrgent)
        await transaction.query(sql.unsafe`select set_config('lock_timeout', ${`${shortWaitMs}ms`}, true)`);
      await transaction.query(sql.unsafe`select add_partition(${from}, ${from + size})`);
    });
    return true;
  } catch (error) {
    if (!isUrgent && isLockTimeout(error)) return false;
    throw error;
  }
}

function isLockTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as { code?: unknown }).code === '55P03' || isLockTimeout(error.cause);
}
