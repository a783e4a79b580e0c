import { z } from 'zod';

/** What the documents say of a route; who may ask it stands in the table of permissions. */
export type Described = {
  readonly tag:
    | 'Market data'
    | 'Orders'
    | 'Money'
    | 'Identity'
    | 'Webhooks'
    | 'Community'
    | 'Operators'
    | 'System';
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** A body that a request may go without. */
  readonly isBodyOptional?: boolean;
  /** The status when all is done, 200 if not given. */
  readonly status?: 200 | 202 | 302;
  /** What is answered then. Null is a text that is no JSON. */
  readonly answer: z.ZodType | null;
  /** Other answers that are no refusals. */
  readonly also?: Readonly<Record<number, z.ZodType>>;
  /** A body that the exchange takes right after it was seeded. */
  readonly example?: unknown;
};

export const decimalText = z
  .string()
  .regex(/^-?\d+(?:\.\d+)?$/)
  .meta({
    id: 'Decimal',
    description: 'A number as text, in plain notation',
    example: '5.00',
  });
export const timeText = z.iso
  .datetime()
  .meta({ id: 'Time', description: 'UTC, ISO 8601', example: '2026-01-31T12:00:00.000Z' });
export const idText = z
  .string()
  .regex(/^\d+$/)
  .meta({ id: 'Id', description: 'A whole number as text', example: '42' });
export const sideText = z.enum(['buy', 'sell']);

const pageQuery = {
  limit: z.string().optional().meta({ description: 'Rows at most: 1 to 1000, 100 if not given' }),
  before: z.string().optional().meta({ description: 'Rows newer than this cursor, of CB-BEFORE' }),
  after: z.string().optional().meta({ description: 'Rows older than this cursor, of CB-AFTER' }),
};
const periodQuery = {
  start_date: z.string().optional().meta({ description: 'From this time on, ISO 8601' }),
  end_date: z.string().optional().meta({ description: 'Before this time, ISO 8601' }),
};
export const traderQuery = {
  trader_id: z.string().optional().meta({ description: 'For operators and auditors: the trader' }),
};
export const page = z.object(pageQuery);
export const ownPage = z.object({ ...pageQuery, ...traderQuery });
export const ownPeriod = z.object({ ...pageQuery, ...periodQuery, ...traderQuery });
export const ownOnly = z.object(traderQuery);

export const refusal = z.object({ message: z.string() }).meta({
  id: 'Refusal',
  description: 'Why the request was refused',
  example: { message: 'Insufficient funds' },
});
export const statusMessage = z.object({ status_message: z.string() });
