import { createHmac } from 'node:crypto';

/** What a webhook may be told of. */
export const webhookEvents = ['order.active', 'order.open', 'order.done', 'trade', 'transfer'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** What a webhook's secrets are sealed with besides the key: they are good for no other trader's. */
export function webhookSealContext(traderId: number): string {
  return `webhook of trader ${traderId}`;
}

export type Message = { readonly id: string; readonly timestamp: number; readonly body: string };

/** The headers of Standard Webhooks. Several secrets are good at a time while a receiver changes over. */
export function signedHeaders({ id, timestamp, body }: Message, secrets: readonly Buffer[]) {
  const seconds = String(Math.floor(timestamp / 1_000));
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}
