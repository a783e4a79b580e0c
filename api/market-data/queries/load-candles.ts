import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { parseSum } from '../../../core/units.ts';

const whole = z.number();
export const candleColumns = {
  firstTradeId: whole,
  lastTradeId: whole,
  open: whole,
  high: whole,
  low: whole,
  close: whole,
  volume: z.string().transform(parseSum),
};
const minuteRow = z.object({ productId: z.string(), minute: whole, ...candleColumns });

/** The minutes of a shard's products from one on. */
export function loadMinutes(connection: CommonQueryMethods, shard: string, fromMinute: number) {
  return connection.any(sql.type(minuteRow)`
    select product_id as "productId", minute, first_trade_id as "firstTradeId", last_trade_id as "lastTradeId",
      open, high, low, close, volume
    from products join candles using (product_id)
    where shard = ${shard} and minute >= ${fromMinute}`);
}

const hourRow = z.object({ productId: z.string(), hour: whole, lots: z.string().transform(parseSum) });

/** What a shard's products traded in each hour from one on. */
export function loadHours(connection: CommonQueryMethods, shard: string, fromHour: number) {
  return connection.any(sql.type(hourRow)`
    select product_id as "productId", minute / 60 as hour, sum(volume) as lots
    from products join candles using (product_id)
    where shard = ${shard} and minute >= ${fromHour * 60}
    group by 1, 2`);
}
