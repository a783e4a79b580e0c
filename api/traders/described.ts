import { z } from 'zod';
import { type Described, idText, page, statusMessage, timeText } from '../openapi/described.ts';
import { traderChangeBody } from './body.ts';

const trader = z
  .object({
    trader_id: idText,
    name: z.string().nullable().meta({ description: 'Of the person who logs in as the trader' }),
    author: z.string().nullable().meta({ description: 'What the trader is called in rooms' }),
    frozen: z.boolean(),
    frozen_at: timeText.nullable(),
    muted: z.boolean(),
    muted_at: timeText.nullable(),
    created_at: timeText,
  })
  .meta({ id: 'Trader' });

export const tradersDescribed = {
  'GET /traders': {
    tag: 'Operators',
    summary: 'Traders, the newest first',
    query: page.extend({ frozen: z.string().optional().meta({ description: '`true` or `false`' }) }),
    answer: z.array(trader),
  },
  'GET /traders/:id': { tag: 'Operators', summary: 'A trader', answer: trader },
  'PUT /traders/:id': {
    tag: 'Operators',
    summary: 'Freeze a trader, or let it trade again; mute it in rooms, or let it write again',
    description:
      'A frozen trader may cancel orders, and place and amend none. What it has open stays: `DELETE /orders?trader_id=` cancels it.',
    body: traderChangeBody.meta({ id: 'TraderChange' }),
    answer: trader,
    also: { 202: statusMessage.extend({ trader_id: idText }) },
    example: { frozen: false },
  },
} satisfies Record<string, Described>;
