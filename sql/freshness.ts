import { type CommonQueryMethods, type Interceptor, sql } from 'slonik';
import { z } from 'zod';

/** A connection leads to a PostgreSQL that is not, or not any more, the one that the writer writes. */
export class StalePostgresError extends Error {
  override name = 'StalePostgresError';
}

export type Freshness = {
  /** For a pool: looks at a connection before it is used, and has it closed if it is stale, so that another one is opened. */
  readonly interceptor: Interceptor;
  /** PostgreSQL has a shard up to a sequence, says its writer. */
  readonly reaches: (shard: string, sequence: number) => void;
  /** Another writer is at work, and may have another PostgreSQL: every connection is to be looked at again. */
  readonly doubt: () => void;
};

/** A connection that was good so long ago is looked at again before its next use.. */
const goodForMs = 500;
/** Slonik gives each connection a name of its own, so that old names are dropped some day. */
const mostNames = 1_000;

const lookRow = z.object({ readOnly: z.boolean(), reached: z.record(z.string(), z.number()) });

/**
 * After a failover an old primary may keep its connections: read-only, or cut off from everything, with rows that end where it
 * lost its place. What a trader wrote since would be answered as if it had never been.
 */
export function createFreshness(now: () => number = () => performance.now()): Freshness {
  const known = new Map<string, number>();
  const looked = new Map<string, number>();
  let doubtedAt = Number.NEGATIVE_INFINITY;
  return {
    reaches: (shard, sequence) => {
      if (sequence > (known.get(shard) ?? 0)) known.set(shard, sequence);
    },
    doubt: () => {
      doubtedAt = now();
    },
    interceptor: {
      name: 'freshness',
      afterPoolConnection: async ({ connectionId }, connection) => {
        const at = now();
        const last = looked.get(connectionId) ?? Number.NEGATIVE_INFINITY;
        if (last > doubtedAt && at - last < goodForMs) return null;
        await assertFresh(connection, new Map(known));
        if (looked.size >= mostNames) looked.clear();
        looked.set(connectionId, at);
        return null;
      },
    },
  };
}

async function assertFresh(
  connection: CommonQueryMethods,
  known: ReadonlyMap<string, number>,
): Promise<void> {
  const { readOnly, reached } = await connection.one(sql.type(lookRow)`
    select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as "readOnly",
           (select coalesce(json_object_agg(shard, sequence), '{}') from checkpoints) as reached`);
  if (readOnly)
    throw new StalePostgresError('PostgreSQL is read-only: this is not the primary, or not any more');
  for (const [shard, sequence] of known)
    if ((reached[shard] ?? 0) < sequence)
      throw new StalePostgresError(
        `PostgreSQL has shard ${shard} up to ${reached[shard] ?? 'nothing'}, and its writer has written ${sequence}`,
      );
}

/** For a session that is to write: throws if it cannot. */
export async function assertWritable(connection: CommonQueryMethods): Promise<void> {
  await assertFresh(connection, new Map());
}
