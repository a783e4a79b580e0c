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

/** Takes webhooks that have something to be told and that no notifier works on, for so long. */
export function claimWebhooks(
  pool: CommonQueryMethods,
  { claim, most, leaseMs }: Claiming,
): Promise<readonly ClaimedWebhook[]> {
  return pool.any(sql.type(webhookRow)`
    update webhooks set claim = ${claim}, claimed_until = now() + ${leaseMs} * interval '1 ms'
    where webhook_id in (
      select webhook_id from webhooks w
      where disabled_at is null and next_attempt_at <= now() and claimed_until < now() and exists (
        select from notices n
        where n.trader_id = w.trader_id and n.notice_id > w.cursor and n.event = any(w.events))
      order by next_attempt_at limit ${most} for update skip locked)
    returning webhook_id as "webhookId", trader_id as "traderId", url, events, secret,
      secret_sealed_with as "secretSealedWith",
      case when old_secret_until > now() then old_secret end as "oldSecret",
      case when old_secret_until > now() then old_secret_sealed_with end as "oldSecretSealedWith",
      cursor, attempts`);
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
