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

export type Claiming = {
  readonly claim: string;
  readonly most: number;
  readonly leaseMs: number;
  /** Only what happened after this notice is looked at; 0 looks at everything that is kept. */
  readonly since: number;
};

/**
 * Takes webhooks that have something to be told and that no notifier works on, for so long. It begins with the notices: of ten
 * thousand webhooks a few have one, and to look each up takes 30 ms.
 */
export function claimWebhooks(
  pool: CommonQueryMethods,
  { claim, most, leaseMs, since }: Claiming,
): Promise<readonly ClaimedWebhook[]> {
  return pool.any(sql.type(webhookRow)`
    with due as materialized (
      select w.webhook_id, min(n.notice_id) as first
      from notices n join webhooks w on w.trader_id = n.trader_id and w.cursor < n.notice_id and n.event = any(w.events)
      where n.notice_id > ${since} and w.disabled_at is null and w.next_attempt_at <= now() and w.claimed_until < now()
      group by w.webhook_id order by first limit ${most}),
    free as materialized (
      select webhook_id from webhooks
      where webhook_id in (select webhook_id from due) and claimed_until < now() and disabled_at is null
      for update skip locked)
    update webhooks set claim = ${claim}, claimed_until = now() + ${leaseMs} * interval '1 ms'
    where webhook_id in (select webhook_id from free)
    returning webhook_id as "webhookId", trader_id as "traderId", url, events, secret,
      secret_sealed_with as "secretSealedWith",
      case when old_secret_until > now() then old_secret end as "oldSecret",
      case when old_secret_until > now() then old_secret_sealed_with end as "oldSecretSealedWith",
      cursor, attempts`);
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
