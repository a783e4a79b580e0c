import { z } from 'zod';
import { must, objectError } from '../http/body.ts';
import { granularities } from '../market-data/candles.ts';

const mostCharacters = 500;

/** Controls, halves of characters, and what turns the direction of all that follows. */
const unfit = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

export const newMessageBody = z.object(
  {
    text: z
      .string(must('must be text'))
      .trim()
      .refine((text) => visible.test(text), 'must not be empty')
      .refine((text) => !unfit.test(text), 'must have no line breaks or control characters')
      .refine((text) => [...text].length <= mostCharacters, `must be at most ${mostCharacters} characters`),
  },
  objectError,
);

const timeRule = must('must be an ISO 8601 time with its zone');
const time = z.iso.datetime({ offset: true, ...timeRule });

export const newLinkBody = z
  .object(
    {
      product_id: z.string(must('must be text')),
      granularity: z
        .literal([...granularities], must(`must be one of ${granularities.join(', ')}`))
        .optional(),
      start: time.optional(),
      end: time.optional(),
      trade_id: z
        .int(must('must be the number of a trade'))
        .positive('must be the number of a trade')
        .optional(),
    },
    objectError,
  )
  .refine(({ start, end }) => (start === undefined) === (end === undefined), {
    ...{ path: ['end'], message: 'must be there with start, and only then' },
  })
  .refine(({ start, end }) => start === undefined || Date.parse(start) < Date.parse(end!), {
    ...{ path: ['start'], message: 'must be before end' },
  });
