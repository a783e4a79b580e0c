import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';
import type { Page } from '../../http/query.ts';

const row = z.object({
  traderId: z.number(),
  name: z.string().nullable(),
  frozenAt: z.number().nullable(),
  createdAt: z.number(),
});
export type TraderRow = z.output<typeof row>;

const columns = sql.fragment`
  trader_id as "traderId", (select name from people where people.trader_id = t.trader_id) as name,
  (extract(epoch from frozen_at) * 1000)::bigint as "frozenAt", (extract(epoch from created_at) * 1000)::bigint as "createdAt"`;

/** The newest first; the frozen ones or the others, if one of them is wanted. */
export function listTraders(
  pool: Queries,
  { limit, after, before }: Page,
  frozen: boolean | null,
): Promise<readonly TraderRow[]> {
  return pool.any(sql.type(row)`
    select ${columns} from traders t
    where (${after}::bigint is null or trader_id < ${after}) and (${before}::bigint is null or trader_id > ${before})
      ${frozen === null ? sql.fragment`` : frozen ? sql.fragment`and frozen_at is not null` : sql.fragment`and frozen_at is null`}
    order by trader_id desc limit ${limit}`);
}

export function findTrader(pool: Queries, traderId: number): Promise<TraderRow | null> {
  return pool.maybeOne(sql.type(row)`select ${columns} from traders t where trader_id = ${traderId}`);
}

const changedRow = z.object({ frozenBefore: z.number().nullable(), frozenAt: z.number().nullable() });

/** Freezes a trader, or lets it trade again; null if there is none. One that is frozen stays so since when it was. */
export function setFrozen(pool: Queries, traderId: number, frozen: boolean) {
  return pool.maybeOne(sql.type(changedRow)`
    with before as (select frozen_at from traders where trader_id = ${traderId} for update)
    update traders set frozen_at = case when ${frozen} then coalesce(before.frozen_at, now()) end
    from before where trader_id = ${traderId}
    returning (extract(epoch from before.frozen_at) * 1000)::bigint as "frozenBefore",
      (extract(epoch from traders.frozen_at) * 1000)::bigint as "frozenAt"`);
}
