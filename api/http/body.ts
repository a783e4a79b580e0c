import { z } from 'zod';
import { BadRequest } from './errors.ts';

/** The body of a request against its schema. The error says what is wrong and where. */
export function readBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new BadRequest(describe(read.error.issues[0]!));
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.path.length === 0) return `Invalid body: ${issue.message}`;
  return `Invalid ${issue.path.join('.')}: ${issue.message}`;
}

/** Says that a field is missing where it is, and otherwise what it must be. */
export function must(sentence: string): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => (input === undefined ? 'required' : sentence) };
}

/** Prices, sizes and funds. Text is exact; a number is taken as JavaScript prints it. */
export const decimal = z
  .union([z.string(), z.number()], must('must be a decimal, as text or number'))
  .meta({ description: 'A decimal in plain notation' });

/** Some clients send booleans as text. */
export const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])], must('must be true or false'))
  .transform((given) => given === true || given === 'true');

/** An id that a client gives, to be safe in repeating its request. */
export const clientId = /^[A-Za-z0-9_-]{1,64}$/;
export const clientIdRule = 'must be 1 to 64 letters, digits, - and _';

const whichTrader = 'must be the number of a trader';

/** A trader's number, which operators may name. */
export const traderIdField = z.union(
  [
    z.number().refine(isTraderId, whichTrader),
    z
      .string()
      .refine((text) => /^[1-9][0-9]{0,9}$/.test(text) && isTraderId(Number(text)), whichTrader)
      .transform(Number),
  ],
  must(whichTrader),
);

function isTraderId(given: number): boolean {
  return Number.isInteger(given) && given > 0 && given < 2 ** 31;
}

export const objectError = { error: 'must be a JSON object' };
