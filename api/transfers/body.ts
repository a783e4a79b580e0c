import { z } from 'zod';
import {
  clientId,
  clientIdRule,
  decimal,
  must,
  objectError,
  payerField,
  traderIdField,
} from '../http/body.ts';

const money = {
  currency: z.string(must('must be text')),
  amount: decimal,
  transfer_id: z.string(must('must be text')).regex(clientId, clientIdRule),
  shard: z.string('must be text').optional(),
};

/** The body of POST /deposits. */
export const depositBody = z.object({ ...money, trader_id: traderIdField }, objectError);

/** The body of POST /withdrawals. */
export const withdrawalBody = z.object({ ...money, trader_id: payerField }, objectError);

const shards = {
  from_shard: z.string('must be text').optional(),
  to_shard: z.string('must be text').optional(),
};

/** The body of POST /transfers. */
export const transferBody = z.object(
  { ...money, ...shards, from_trader_id: payerField, to_trader_id: traderIdField },
  objectError,
);

export type MoneyBody = Pick<z.output<typeof depositBody>, keyof typeof money>;
