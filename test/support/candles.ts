import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';

const row = z.object({ wrong: z.number() });

/** How many minutes are not what the trades come to, one by one. */
export async function wrongCandles(pool: DatabasePool): Promise<number> {
  const { wrong } = await pool.one(sql.type(row)`
    with traded as (
      select product_id, floor(extract(epoch from created_at) / 60)::integer as minute, min(trade_id) as first_trade_id,
        max(trade_id) as last_trade_id, (array_agg(price order by trade_id))[1] as open, max(price) as high,
        min(price) as low, (array_agg(price order by trade_id desc))[1] as close, sum(size)::bigint as volume
      from trades group by 1, 2
    )
    select count(*) as wrong from traded full join candles using (product_id, minute)
    where traded is null or candles is null
      or (traded.first_trade_id, traded.last_trade_id, traded.open, traded.high, traded.low, traded.close, traded.volume)
        <> (candles.first_trade_id, candles.last_trade_id, candles.open, candles.high, candles.low, candles.close, candles.volume)`);
  return wrong;
}
