import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';
import type { Page } from '../../http/query.ts';

const row = z.object({
  traderId: z.number(),
  name: z.string().nullable(),
  author: z.string().nullable(),
  frozenAt: z.number().nullable(),
  mutedAt: z.number().nullable(),
  createdAt: z.number(),
});
export type TraderRow = z.output<typeof row>;

const columns = sql.fragment`
  trader_id as "traderId", (select name from people where people.trader_id = t.trader_id) as name, author,
  (extract(epoch from frozen_at) * 1000)::bigint as "frozenAt", (extract(epoch from muted_at) * 1000)::bigint as "mutedAt",
  (extract(epoch from created_at) * 1000)::bigint as "createdAt"`;

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

const changedRow = z.object({ before: z.number().nullable(), now: z.number().nullable() });

export type NewState = {
  readonly traderId: number;
  readonly state: 'frozen' | 'muted';
  readonly isSo: boolean;
};

/** Freezes or mutes a trader, or ends that; null if there is none. What is so already stays so since when it was. */
export function setState(pool: Queries, { traderId, state, isSo }: NewState) {
  const since = sql.identifier([`${state}_at`]);
  return pool.maybeOne(sql.type(changedRow)`
    with before as (select ${since} as since from traders where trader_id = ${traderId} for update)
    update traders set ${since} = case when ${isSo} then coalesce(before.since, now()) end
    from before where trader_id = ${traderId}
    returning (extract(epoch from before.since) * 1000)::bigint as before,
      (extract(epoch from traders.${since}) * 1000)::bigint as now`);
}
