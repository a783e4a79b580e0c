import { type CommonQueryMethods, sql } from 'slonik';
import type { Outgoing } from '../outgoing.ts';

/** Whose claim it still is; another notifier may have taken it over, and then nothing is changed. */
type Claimed = { readonly webhookId: number; readonly claim: string };

/** With a null lease it lets go of the webhook at once. False if the webhook is another notifier's by now. */
export async function recordDelivered(
  pool: CommonQueryMethods,
  { webhookId, claim }: Claimed,
  noticeId: number,
  leaseMs: number | null,
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.unsafe`
    update webhooks set cursor = ${noticeId}, attempts = 0, next_attempt_at = now(), last_error = null,
      failing_since = null, claimed_until = coalesce(now() + ${leaseMs}::bigint * interval '1 ms', '-infinity')
    where webhook_id = ${webhookId} and claim = ${claim}`);
  return rowCount === 1;
}

export type Failure = { readonly error: string; readonly waitMs: number; readonly longestFailingMs: number };

/** True if it has failed for too long, and is disabled. */
export async function recordFailed(
  pool: CommonQueryMethods,
  { webhookId, claim }: Claimed,
  { error, waitMs, longestFailingMs }: Failure,
): Promise<boolean> {
  const { rows } = await pool.query(sql.unsafe`
    update webhooks set attempts = attempts + 1, last_error = ${error},
      next_attempt_at = now() + ${waitMs} * interval '1 ms', failing_since = coalesce(failing_since, now()),
      disabled_at = case when failing_since < now() - ${longestFailingMs} * interval '1 ms' then now() end
    where webhook_id = ${webhookId} and claim = ${claim}
    returning disabled_at`);
  return rows[0]?.disabled_at != null;
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
