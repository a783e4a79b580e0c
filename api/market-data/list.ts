import type { Api } from '../api.ts';
import { type Listed, listed } from '../http/listed.ts';
import { type Query, readPage } from '../http/query.ts';
import { coversFrom } from '../orders/coverage.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import { type Bucket, candlesIn, readCandleRange } from './candles.ts';
import { findTrades, type TradeRow } from './queries/trades.ts';

/** A page of a product's trades. */
export async function listTrades(api: Api, product: ListedProduct, query: Query): Promise<Listed<TradeRow>> {
  const page = readPage(query);
  await api.shards.ofProduct(product).everythingMatched();
  const trades = await findTrades(api.readsOf('public'), product.productId, page);
  return listed(trades, ({ tradeId }) => tradeId, { coversFrom: await coversFrom(api, product) });
}

/** The candles that a query asks for, newest first. */
export async function listCandles(api: Api, product: ListedProduct, query: Query): Promise<Bucket[]> {
  const range = readCandleRange(query, Date.now());
  const { marketData } = api.shards.ofProduct(product);
  await marketData.caughtUp();
  return candlesIn({ pool: api.pool, marketData }, product, range);
}
