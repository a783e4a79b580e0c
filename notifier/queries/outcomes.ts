import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { Outgoing } from '../outgoing.ts';

/** Whose claim it still is; another notifier may have taken it over, and then nothing is changed. */
type Claimed = { readonly webhookId: number; readonly claim: string };

/** A message that was delivered; with a null lease the webhook is let go of at once. */
export type Delivered = Claimed & { readonly noticeId: number; readonly leaseMs: number | null };

const acknowledged = z.object({ webhookId: z.number(), hasMore: z.boolean() });

/** For each: whether there is more to be told by now; null if the webhook is another notifier's. */
export async function recordDelivered(
  pool: CommonQueryMethods,
  delivered: readonly Delivered[],
): Promise<(boolean | null)[]> {
  const rows = await pool.any(sql.type(acknowledged)`
    update webhooks w set cursor = d.notice_id, attempts = 0, next_attempt_at = now(), last_error = null,
      failing_since = null, claimed_until = coalesce(now() + d.lease_ms * interval '1 ms', '-infinity')
    from ${sql.unnest(
      delivered.map(({ webhookId, claim, noticeId, leaseMs }) => [webhookId, claim, noticeId, leaseMs]),
      ['int4', 'text', 'int8', 'int8'],
    )} as d (webhook_id, claim, notice_id, lease_ms)
    where w.webhook_id = d.webhook_id and w.claim = d.claim
    returning w.webhook_id as "webhookId", exists (
      select from notices n where n.trader_id = w.trader_id and n.notice_id > d.notice_id and n.event = any(w.events)
    ) as "hasMore"`);
  const found = new Map(rows.map(({ webhookId, hasMore }) => [webhookId, hasMore]));
  return delivered.map(({ webhookId }) => found.get(webhookId) ?? null);
}

export type Failure = { readonly error: string; readonly waitMs: number; readonly longestFailingMs: number };

const disabling = z.object({ isDisabled: z.boolean() });

/** True if it has failed for too long, and is disabled. */
export async function recordFailed(
  pool: CommonQueryMethods,
  { webhookId, claim }: Claimed,
  { error, waitMs, longestFailingMs }: Failure,
): Promise<boolean> {
  const isDisabled = await pool.maybeOneFirst(sql.type(disabling)`
    update webhooks set attempts = attempts + 1, last_error = ${error},
      next_attempt_at = now() + ${waitMs} * interval '1 ms', failing_since = coalesce(failing_since, now()),
      disabled_at = case when failing_since < now() - ${longestFailingMs} * interval '1 ms' then now() end
    where webhook_id = ${webhookId} and claim = ${claim}
    returning disabled_at is not null as "isDisabled"`);
  return isDisabled === true;
}

export async function disable(
  pool: CommonQueryMethods,
  { webhookId, claim }: Claimed,
  error: string,
): Promise<void> {
  await pool.query(sql.unsafe`
    update webhooks set disabled_at = now(), last_error = ${error}
    where webhook_id = ${webhookId} and claim = ${claim}`);
}

/** Puts a message aside and goes on with the next one, in one statement. */
export async function recordDead(
  pool: CommonQueryMethods,
  { webhookId, claim }: Claimed,
  { noticeId, messageId, event, body }: Outgoing,
  error: string,
): Promise<void> {
  await pool.query(sql.unsafe`
    with gone_on as (
      update webhooks set cursor = ${noticeId}, attempts = 0, next_attempt_at = now(), last_error = ${error}
      where webhook_id = ${webhookId} and claim = ${claim} returning webhook_id)
    insert into dead_letters (webhook_id, message_id, event, body, error)
    select webhook_id, ${messageId}, ${event}, ${body}, ${error} from gone_on
    on conflict do nothing`);
}
