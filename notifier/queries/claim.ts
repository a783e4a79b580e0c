import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

const webhookRow = z.object({
  webhookId: z.number(),
  traderId: z.number(),
  url: z.string(),
  events: z.array(z.string()),
  secret: z.instanceof(Buffer),
  secretSealedWith: z.string(),
  oldSecret: z.instanceof(Buffer).nullable(),
  oldSecretSealedWith: z.string().nullable(),
  cursor: z.number(),
  attempts: z.number(),
});

export type ClaimedWebhook = z.infer<typeof webhookRow>;

export type Claiming = { readonly claim: string; readonly most: number; readonly leaseMs: number };

const isFree = sql.fragment`may_lag and disabled_at is null and next_attempt_at <= now() and claimed_until < now()`;
/** The limit has each webhook looked up by itself: a join would read all notices that are kept. */
const nextNotice = sql.fragment`lateral (
  select notice_id from notices n where n.trader_id = w.trader_id and n.notice_id > w.cursor and n.event = any(w.events)
  order by notice_id limit 1) next`;

/** Notes who may lack something: those who are told of what happened after a notice, through another. */
export async function markLagging(pool: CommonQueryMethods, after: number, through: number): Promise<void> {
  // Marks that are there are written again, so that a look which began before leaves them.
  await pool.query(sql.unsafe`
    update webhooks set may_lag = true where webhook_id in (
      select w.webhook_id
      from notices n join webhooks w on w.trader_id = n.trader_id and w.cursor < n.notice_id and n.event = any(w.events)
      where n.notice_id > ${after} and n.notice_id <= ${through} and w.disabled_at is null)`);
}

/** Takes webhooks that have something to be told and that no notifier works on, for so long; who waited longest comes first. */
export function claimLagging(
  pool: CommonQueryMethods,
  { claim, most, leaseMs }: Claiming,
): Promise<readonly ClaimedWebhook[]> {
  return pool.any(sql.type(webhookRow)`
    with free as materialized (
      select webhook_id from webhooks w cross join ${nextNotice}
      where ${isFree} order by next_attempt_at limit ${most}
      for update of w skip locked)
    update webhooks set claim = ${claim}, claimed_until = now() + ${leaseMs} * interval '1 ms'
    where webhook_id in (select webhook_id from free)
    returning webhook_id as "webhookId", trader_id as "traderId", url, events, secret,
      secret_sealed_with as "secretSealedWith",
      case when old_secret_until > now() then old_secret end as "oldSecret",
      case when old_secret_until > now() then old_secret_sealed_with end as "oldSecretSealedWith",
      cursor, attempts`);
}

/** Takes marks back from those that lack nothing. One that was marked or worked on meanwhile keeps its mark. */
export async function unmarkTold(pool: CommonQueryMethods): Promise<void> {
  await pool.query(sql.unsafe`
    with told as materialized (
      select webhook_id, w.xmin as version from webhooks w left join ${nextNotice} on true
      where ${isFree} and next.notice_id is null)
    update webhooks w set may_lag = false from told where w.webhook_id = told.webhook_id and w.xmin = version`);
}

/** The number of the newest notice; smaller ones are all to be seen by then. */
export async function newestNotice(pool: CommonQueryMethods): Promise<number> {
  return pool.oneFirst(sql.type(z.object({ newest: z.number() }))`
    select coalesce(max(notice_id), 0)::bigint as newest from notices`);
}

/** Lets go of a webhook for others, or for the next look. */
export async function releaseWebhook(
  pool: CommonQueryMethods,
  webhookId: number,
  claim: string,
): Promise<void> {
  await pool.query(sql.unsafe`
    update webhooks set claim = null, claimed_until = '-infinity' where webhook_id = ${webhookId} and claim = ${claim}`);
}
