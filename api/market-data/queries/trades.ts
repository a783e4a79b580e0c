import { sql } from 'slonik';
import { z } from 'zod';
import { sides } from '../../../core/order.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { arranged, directionOf } from '../../http/pages.ts';
import type { Page } from '../../http/query.ts';

const whole = z.number();
const tradeRow = z.object({
  /** Of the command that traded. */
  sequence: whole,
  tradeId: whole,
  takerSide: z.enum(sides),
  price: whole,
  size: whole,
  createdAt: whole,
});
export type PublicTrade = z.output<typeof tradeRow>;

export const createdAt = sql.fragment`(extract(epoch from created_at) * 1000)::bigint as "createdAt"`;

/** A page of a product's trades, newest first. With `before` alone it is the one next to that cursor. */
export async function findTrades(
  pool: Queries,
  productId: string,
  page: Page,
): Promise<readonly PublicTrade[]> {
  const { after, before, limit } = page;
  const trades = await pool.any(sql.type(tradeRow)`
    select sequence, trade_id as "tradeId", taker_side as "takerSide", price, size, ${createdAt} from trades
    where product_id = ${productId} and ${betweenTrades(after, before)}
    order by trade_id ${directionOf(page)} limit ${limit}`);
  return arranged(page, trades);
}

/** Cursors are exclusive at both ends. */
export function betweenTrades(after: number | null, before: number | null) {
  const newest = after === null ? sql.fragment`true` : sql.fragment`trade_id < ${after}`;
  const oldest = before === null ? sql.fragment`true` : sql.fragment`trade_id > ${before}`;
  return sql.fragment`${newest} and ${oldest}`;
}
