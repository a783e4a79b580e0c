import { z } from 'zod';
import { must, objectError } from '../http/body.ts';

const flag = z.boolean(must('must be true or false')).optional();

export const traderChangeBody = z
  .object({ frozen: flag, muted: flag }, objectError)
  .refine(({ frozen, muted }) => frozen !== undefined || muted !== undefined, {
    ...{ path: ['frozen'], message: 'required, unless muted is there' },
  });
