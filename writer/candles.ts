import { addTrade, type Candle, candleOf, minuteOf } from '../core/candles.ts';
import type { TradeRow } from './batch.ts';

export type CandleRow = { readonly productId: string; readonly minute: number; readonly candle: Candle };

/** The minutes in which trades of a batch lie, each once. */
export function candlesOf(trades: readonly TradeRow[]): CandleRow[] {
  const rows: CandleRow[] = [];
  const byProduct = new Map<string, Map<number, Candle>>();
  for (const { productId, time, match } of trades) {
    const minute = minuteOf(time);
    let minutes = byProduct.get(productId);
    if (!minutes) {
      minutes = new Map();
      byProduct.set(productId, minutes);
    }
    let candle = minutes.get(minute);
    if (candle) addTrade(candle, match);
    else {
      candle = candleOf(match);
      minutes.set(minute, candle);
      rows.push({ productId, minute, candle });
    }
  }
  return rows;
}
