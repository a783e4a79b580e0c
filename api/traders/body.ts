import { z } from 'zod';
import { must, objectError } from '../http/body.ts';

export const traderChangeBody = z.object({ frozen: z.boolean(must('must be true or false')) }, objectError);
