import { z } from 'zod';
import { must, objectError } from '../http/body.ts';

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
