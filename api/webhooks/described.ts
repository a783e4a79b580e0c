import { z } from 'zod';
import { webhookEvents } from '../../core/webhooks.ts';
import { type Described, idText, ownOnly, timeText } from '../openapi/described.ts';
import { newWebhookBody } from './body.ts';

const webhook = z
  .object({
    id: idText,
    trader_id: idText,
    url: z.string(),
    events: z.array(z.enum(webhookEvents)),
    status: z.enum(['enabled', 'failing', 'disabled']),
    created_at: timeText,
    failing_since: timeText.nullable(),
    disabled_at: timeText.nullable(),
    last_error: z.string().nullable(),
    next_attempt_at: timeText.nullable(),
    old_secret_until: timeText.nullable(),
  })
  .meta({ id: 'Webhook' });
const newWebhook = webhook.extend({ secret: z.string() }).meta({ id: 'NewWebhook' });

const deadLetter = z
  .object({
    id: z.string(),
    event: z.enum(webhookEvents),
    error: z.string(),
    died_at: timeText,
    sending_again: z.boolean(),
    message: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'DeadLetter' });

const one = { tag: 'Webhooks', query: ownOnly } as const;

export const webhooksDescribed = {
  'GET /webhooks': { ...one, summary: 'A trader’s webhooks', answer: z.array(webhook) },
  'GET /webhooks/:id': { ...one, summary: 'A webhook, and how it does', answer: webhook },
  'POST /webhooks': {
    tag: 'Webhooks',
    summary: 'Have a URL told what happens to a trader; the secret is shown this once',
    body: newWebhookBody.meta({ id: 'NewWebhookBody' }),
    answer: newWebhook,
  },
  'POST /webhooks/:id/secret': {
    ...one,
    summary: 'Make a new secret; the old one is good for another day',
    answer: newWebhook,
  },
  'POST /webhooks/:id/enable': { ...one, summary: 'Go on at once where it stood', answer: webhook },
  'DELETE /webhooks/:id': { ...one, summary: 'Remove a webhook with its dead letters', answer: webhook },
  'GET /webhooks/:id/dead-letters': {
    ...one,
    summary: 'The oldest messages that no attempt delivered',
    answer: z.array(deadLetter),
  },
  'POST /webhooks/:id/dead-letters/:message': {
    ...one,
    summary: 'Send a dead letter again, once',
    answer: deadLetter,
  },
} satisfies Record<string, Described>;
