import type { DeadLetterRow, WebhookRow } from './queries/webhooks.ts';

/** Its secrets are shown when they are made, and never again. */
export function presentWebhook(row: WebhookRow) {
  const status = row.disabledAt !== null ? 'disabled' : row.attempts > 0 ? 'failing' : 'enabled';
  return {
    ...{ id: String(row.webhookId), trader_id: String(row.traderId), url: row.url, events: row.events },
    ...{ status, created_at: row.createdAt, failing_since: row.failingSince, disabled_at: row.disabledAt },
    ...{ last_error: row.lastError, next_attempt_at: row.attempts > 0 ? row.nextAttemptAt : null },
    old_secret_until: row.oldSecretUntil,
  };
}

/** A secret as Standard Webhooks writes it. */
export function presentSecret(secret: Buffer): string {
  return `whsec_${secret.toString('base64')}`;
}

export function presentDeadLetter({ messageId, event, error, diedAt, wantedAgain, body }: DeadLetterRow) {
  return {
    id: messageId,
    event,
    error,
    died_at: diedAt,
    sending_again: wantedAgain,
    message: JSON.parse(body),
  };
}
