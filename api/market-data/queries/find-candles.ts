import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';
import { candleColumns } from './load-candles.ts';

const row = z.object({ bucket: z.number(), ...candleColumns });

/** Minutes since 1970, both included; those of one bucket are `width` minutes. */
export type Minutes = {
  readonly productId: string;
  readonly from: number;
  readonly through: number;
  readonly width: number;
};

/** Stored minutes rolled up to buckets, which are numbered from 1970 on. */
export function findCandles(pool: Queries, { productId, from, through, width }: Minutes) {
  return pool.any(sql.type(row)`
    select minute / ${width}::integer as bucket, min(first_trade_id) as "firstTradeId", max(last_trade_id) as "lastTradeId",
      (array_agg(open order by first_trade_id))[1] as open, max(high) as high, min(low) as low,
      (array_agg(close order by last_trade_id desc))[1] as close, sum(volume) as volume
    from candles
    where product_id = ${productId} and minute between ${from} and ${through}
    group by 1`);
}
