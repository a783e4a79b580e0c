import { z } from 'zod';
import { feesName, feesTrader } from '../../core/accounts.ts';
import { BadRequest } from '../errors.ts';

/** The body of a request against its schema. The error says what is wrong and where. */
export function readBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const read = schema.safeParse(withoutNulls(body));
  if (read.success) return read.data;
  throw new BadRequest(describe(read.error.issues[0]!));
}

/** Whoever sends null for a field means the same as by leaving it out. */
function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  if (!hasNull(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

function hasNull(body: object): boolean {
  for (const key in body) if (body[key as keyof typeof body] === null) return true;
  return false;
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.path.length === 0) return `Invalid body: ${issue.message}`;
  return `Invalid ${issue.path.join('.')}: ${issue.message}`;
}

/** Says that a field is missing where it is, and otherwise what it must be. */
export function must(sentence: string): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => (input === undefined ? 'required' : sentence) };
}

/** Prices, sizes and funds, as text. A number is taken as JavaScript prints it, but in plain notation. */
export const decimal = z
  .union([z.string(), z.number()], must('must be a decimal, as text or number'))
  .transform((given) => (typeof given === 'number' ? plainDecimal(given) : given))
  .meta({ description: 'A decimal in plain notation' });

/** `5e-7` is `0.0000005`. What is too large for that stays as it is, and is no amount. */
function plainDecimal(given: number): string {
  const text = String(given);
  const [, sign = '', whole = '', fraction = '', places] = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text) ?? [];
  if (places === undefined) return text;
  return `${sign}0.${'0'.repeat(Number(places) - 1)}${whole}${fraction}`;
}

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

/** Who pays: a trader, or the account of all fees. */
export const payerField = z.union(
  [z.literal(feesName).transform(() => feesTrader), traderIdField],
  must(`${whichTrader}, or ${feesName}`),
);

function isTraderId(given: number): boolean {
  return Number.isInteger(given) && given > 0 && given < 2 ** 31;
}

export const objectError = { error: 'must be a JSON object' };
