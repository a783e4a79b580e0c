import type { Redis } from 'ioredis';
import { sql } from 'slonik';
import { z } from 'zod';
import { shardKeys } from '../core/keys.ts';
import type { Freeze } from '../core/wire/commands.ts';
import type { ProductWatch } from './products.ts';

const mostAtOnce = 500;

/**
 * Announces by commands who is frozen in PostgreSQL and not in the shard, or the other way round. A shard may be behind what was
 * submitted, by this matcher or one before it. So a difference is gone for good only once all that had been submitted when the
 * rows were as they are is matched, and there is still none; from then on rows are read again only after a change.
 */
export function createFreezer({ pool, redis, submit, shard, log }: ProductWatch): () => Promise<void> {
  let settled: string | null = null;
  let alike: { readonly version: string; readonly sequence: number } | null = null;
  return async () => {
    const version = await versionOf(pool);
    if (version === settled) return;
    const wanted = await frozenTraders(pool);
    const { sequence, matched, frozen } = await lookAt(redis, shard);
    const changes = differences(wanted, frozen);
    if (changes.length > 0) {
      alike = null;
      for (let i = 0; i < changes.length; i += mostAtOnce) await submit(changes.slice(i, i + mostAtOnce));
      log.info({ count: changes.length }, 'frozen traders announced');
    } else if (alike?.version !== version) alike = { version, sequence };
    if (alike && matched >= alike.sequence) settled = version;
  };
}

const versionRow = z.object({ version: z.string() });

/** Another text after any change. */
async function versionOf(pool: ProductWatch['pool']): Promise<string> {
  const query = sql.type(versionRow)`
    select count(*) || ' ' || coalesce(sum(extract(epoch from frozen_at)), 0) as version
    from traders where frozen_at is not null`;
  return (await pool.one(query)).version;
}

const traderRow = z.object({ traderId: z.number() });

async function frozenTraders(pool: ProductWatch['pool']): Promise<Set<number>> {
  const rows = await pool.any(
    sql.type(traderRow)`select trader_id as "traderId" from traders where frozen_at is not null`,
  );
  return new Set(rows.map(({ traderId }) => traderId));
}

async function lookAt(redis: Redis, shard: string) {
  const { state, frozen } = shardKeys(shard);
  const replies = (await redis.multi().hmget(state, 'sequence', 'matched').smembers(frozen).exec()) ?? [];
  for (const [error] of replies) if (error) throw error;
  const [[sequence, matched], traders] = replies.map(([, reply]) => reply) as [string[], string[]];
  return { sequence: Number(sequence), matched: Number(matched), frozen: new Set(traders.map(Number)) };
}

function differences(wanted: ReadonlySet<number>, frozen: ReadonlySet<number>): Freeze[] {
  const origin = { time: Date.now(), requestId: null };
  const of = (kind: Freeze['kind'], traders: ReadonlySet<number>): Freeze[] =>
    [...traders].map((traderId) => ({ kind, traderId, ...origin }));
  return [...of('freeze', wanted.difference(frozen)), ...of('unfreeze', frozen.difference(wanted))];
}
