import { sql } from 'slonik';
import { z } from 'zod';
import type { Sealed } from '../../../core/sealing.ts';
import type { Queries } from '../../../sql/with-timeout.ts';

const webhookRow = z.object({
  webhookId: z.number(),
  traderId: z.number(),
  url: z.string(),
  events: z.array(z.string()),
  createdAt: z.string(),
  attempts: z.number(),
  nextAttemptAt: z.string(),
  lastError: z.string().nullable(),
  failingSince: z.string().nullable(),
  disabledAt: z.string().nullable(),
  oldSecretUntil: z.string().nullable(),
});
export type WebhookRow = z.output<typeof webhookRow>;

const iso = (
  column: 'created_at' | 'next_attempt_at' | 'failing_since' | 'disabled_at' | 'old_secret_until',
) => sql.fragment`to_char(${sql.identifier([column])} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const columns = sql.fragment`webhook_id as "webhookId", trader_id as "traderId", url, events, attempts,
  last_error as "lastError", ${iso('created_at')} as "createdAt", ${iso('next_attempt_at')} as "nextAttemptAt",
  ${iso('failing_since')} as "failingSince", ${iso('disabled_at')} as "disabledAt",
  case when old_secret_until > now() then ${iso('old_secret_until')} end as "oldSecretUntil"`;

export type NewWebhook = {
  readonly traderId: number;
  readonly url: string;
  readonly events: readonly string[];
  readonly sealed: Sealed;
};

/** Null if the trader has as many as there may be. It is told what is written from now on. */
export function insertWebhook(
  pool: Queries,
  { traderId, url, events, sealed }: NewWebhook,
  most: number,
): Promise<WebhookRow | null> {
  return pool.maybeOne(sql.type(webhookRow)`
    insert into webhooks (trader_id, url, events, secret, secret_sealed_with, cursor)
    select trader_id, ${url}, ${sql.array([...events], 'text')}, ${sql.binary(sealed.bytes)}, ${sealed.sealedWith},
      (select coalesce(max(notice_id), 0) from notices)
    from (select trader_id from traders where trader_id = ${traderId} for update) trader
    where (select count(*) from webhooks w where w.trader_id = trader.trader_id) < ${most}
    returning ${columns}`);
}

export function listWebhooks(pool: Queries, traderId: number): Promise<readonly WebhookRow[]> {
  return pool.any(
    sql.type(webhookRow)`select ${columns} from webhooks where trader_id = ${traderId} order by webhook_id`,
  );
}

/** One of a trader's; so are those below. */
export type Whose = { readonly webhookId: number; readonly traderId: number };

const ofTrader = ({ webhookId, traderId }: Whose) =>
  sql.fragment`webhook_id = ${webhookId} and trader_id = ${traderId}`;

export function findWebhook(pool: Queries, whose: Whose): Promise<WebhookRow | null> {
  return pool.maybeOne(sql.type(webhookRow)`select ${columns} from webhooks where ${ofTrader(whose)}`);
}

export function deleteWebhook(pool: Queries, whose: Whose): Promise<WebhookRow | null> {
  return pool.maybeOne(
    sql.type(webhookRow)`delete from webhooks where ${ofTrader(whose)} returning ${columns}`,
  );
}

/** The secret that was in use stays good for a day. */
export function rotateSecret(
  pool: Queries,
  whose: Whose,
  { bytes, sealedWith }: Sealed,
): Promise<WebhookRow | null> {
  return pool.maybeOne(sql.type(webhookRow)`
    update webhooks set old_secret = secret, old_secret_sealed_with = secret_sealed_with,
      old_secret_until = now() + interval '24 hours', secret = ${sql.binary(bytes)}, secret_sealed_with = ${sealedWith}
    where ${ofTrader(whose)} returning ${columns}`);
}

/** Goes on where it stood, at once. */
export function enableWebhook(pool: Queries, whose: Whose): Promise<WebhookRow | null> {
  return pool.maybeOne(sql.type(webhookRow)`
    update webhooks set disabled_at = null, failing_since = null, attempts = 0, next_attempt_at = now(), may_lag = true
    where ${ofTrader(whose)} returning ${columns}`);
}

const deadLetterRow = z.object({
  messageId: z.string(),
  event: z.string(),
  body: z.string(),
  error: z.string(),
  diedAt: z.string(),
  wantedAgain: z.boolean(),
});
export type DeadLetterRow = z.output<typeof deadLetterRow>;

const letterColumns = sql.fragment`message_id as "messageId", event, body, error, wanted_again as "wantedAgain",
  to_char(died_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "diedAt"`;

/** The oldest ones. */
export function listDeadLetters(
  pool: Queries,
  webhookId: number,
  most: number,
): Promise<readonly DeadLetterRow[]> {
  return pool.any(sql.type(deadLetterRow)`
    select ${letterColumns} from dead_letters where webhook_id = ${webhookId} order by died_at, message_id limit ${most}`);
}

export function wantAgain(
  pool: Queries,
  webhookId: number,
  messageId: string,
): Promise<DeadLetterRow | null> {
  return pool.maybeOne(sql.type(deadLetterRow)`
    update dead_letters set wanted_again = true
    where webhook_id = ${webhookId} and message_id = ${messageId} returning ${letterColumns}`);
}
