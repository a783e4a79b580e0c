import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';
import { arranged, directionOf } from '../../http/pages.ts';
import type { Page, Period } from '../../http/query.ts';

const whole = z.number();
const row = z.object({
  id: whole,
  amount: whole,
  balance: whole,
  createdAt: whole,
  movement: z.enum(['match', 'fee', 'deposit', 'withdraw', 'transfer']),
  /** Of a match and its fees. */
  tradeId: whole.nullable(),
  orderId: whole.nullable(),
  productId: z.string().nullable(),
  /** Of a transfer, with the traders of its row there. */
  transferId: z.string().nullable(),
  traderId: whole.nullable(),
  toTraderId: whole.nullable(),
});
export type Posting = z.output<typeof row>;

export type LedgerFilter = Page & Period & { readonly traderId: number; readonly currency: string };

/** The movements of an account, newest first. */
export async function findLedger(pool: Queries, filter: LedgerFilter): Promise<readonly Posting[]> {
  const { traderId, currency, start, end, after, before, limit } = filter;
  const conditions = [sql.fragment`l.trader_id = ${traderId} and l.currency = ${currency}`];
  if (after !== null) conditions.push(sql.fragment`l.id < ${after}`);
  if (before !== null) conditions.push(sql.fragment`l.id > ${before}`);
  if (start !== null) conditions.push(sql.fragment`l.created_at >= ${start}`);
  if (end !== null) conditions.push(sql.fragment`l.created_at < ${end}`);
  const entries = await pool.any(sql.type(row)`
    select l.id, l.amount, l.balance, (extract(epoch from l.created_at) * 1000)::bigint as "createdAt", l.movement,
      l.trade_id as "tradeId", l.order_id as "orderId", l.product_id as "productId", l.transfer_id as "transferId",
      t.trader_id as "traderId", t.to_trader_id as "toTraderId"
    from ledger l left join transfers t on t.transfer_id = l.transfer_id and t.sequence = l.sequence
    where ${sql.join(conditions, sql.fragment` and `)}
    order by l.id ${directionOf(filter)} limit ${limit}`);
  return arranged(filter, entries);
}
