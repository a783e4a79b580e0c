import { z } from 'zod';
import { type Described, idText, page, timeText } from '../openapi/described.ts';
import { newLinkBody, newMessageBody } from './body.ts';

export const message = z
  .object({
    id: idText,
    product_id: z.string(),
    author: z.string().meta({ description: 'What the trader is called in rooms' }),
    text: z.string().nullable().meta({ description: 'Null once it is removed' }),
    created_at: timeText,
    removed_at: timeText.nullable(),
  })
  .meta({ id: 'Message' });

export const communityDescribed = {
  'GET /products/:id/messages': {
    tag: 'Community',
    summary: 'What is said in a product’s room',
    query: page.extend({
      limit: z.string().optional().meta({ description: 'Rows at most: 1 to 1000, 50 if not given' }),
    }),
    answer: z.array(message),
  },
  'POST /products/:id/messages': {
    tag: 'Community',
    summary: 'Say something in a product’s room',
    description: 'Everybody reads it, under a name that is neither the trader’s number nor its login.',
    body: newMessageBody.meta({ id: 'NewMessage' }),
    answer: message,
  },
  'POST /links': {
    tag: 'Community',
    summary: 'A short link to what the page can show: a product, a granularity, a range of time, a trade',
    description: 'The same has the same link, whoever asks. A trader may make 1,000.',
    body: newLinkBody.meta({ id: 'NewLink' }),
    answer: z.object({ code: z.string(), url: z.string() }).meta({ id: 'Link' }),
    example: { product_id: 'PIKACHU-USD', granularity: 3_600 },
  },
  'GET /s/:code': {
    tag: 'Community',
    summary: 'Leads to what a short link names',
    description: 'A browser that asks for a link that there is not is shown the page, which says so.',
    status: 302,
    answer: null,
  },
  'DELETE /messages/:id': {
    tag: 'Operators',
    summary: 'Remove what a message says; that it was there stays',
    answer: message.extend({ trader_id: idText }).meta({ id: 'RemovedMessage' }),
  },
} satisfies Record<string, Described>;
