import { sql } from 'slonik';
import type { Candle } from '../../core/candles.ts';
import type { Sum } from '../../core/units.ts';
import type { Statement } from '../../sql/copy.ts';
import type { CandleRow } from '../candles.ts';
import { column, texts } from './columns.ts';

/** Trades come by trade id, so those of a batch are later than all that a row has of its product. */
export function upsertCandles(rows: readonly CandleRow[]): Statement {
  const numbers = (of: (candle: Candle) => Sum): string => column(rows.map(({ candle }) => of(candle)));
  const query = sql.unsafe`
    insert into candles as c
      (product_id, minute, first_trade_id, last_trade_id, open, high, low, close, volume)
    select * from unnest(
      ${texts(rows.map(({ productId }) => productId))}::text[],
      ${column(rows.map(({ minute }) => minute))}::integer[],
      ${numbers(({ firstTradeId }) => firstTradeId)}::bigint[],
      ${numbers(({ lastTradeId }) => lastTradeId)}::bigint[],
      ${numbers(({ open }) => open)}::bigint[],
      ${numbers(({ high }) => high)}::bigint[],
      ${numbers(({ low }) => low)}::bigint[],
      ${numbers(({ close }) => close)}::bigint[],
      ${numbers(({ volume }) => volume)}::numeric[])
    on conflict (product_id, minute) do update set
      last_trade_id = excluded.last_trade_id,
      high = greatest(c.high, excluded.high),
      low = least(c.low, excluded.low),
      close = excluded.close,
      volume = c.volume + excluded.volume`;
  return (transaction) => transaction.query(query);
}
