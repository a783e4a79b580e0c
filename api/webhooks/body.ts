import { z } from 'zod';
import { webhookEvents } from '../../core/webhooks.ts';
import { must, objectError, traderIdField } from '../http/body.ts';

export const newWebhookBody = z.object(
  {
    url: z.string(must('must be text')).max(2_000, 'must be at most 2000 letters'),
    events: z
      .array(z.enum(webhookEvents, must(`must be of ${webhookEvents.join(', ')}`)), must('must be a list'))
      .min(1, 'must have at least one')
      .max(webhookEvents.length, 'must have each one once'),
    trader_id: traderIdField.optional(),
  },
  objectError,
);
