import type { Api } from '../api.ts';
import { type Listed, listed } from '../http/listed.ts';
import { type Page, type Query, readPage } from '../http/query.ts';
import { coversFrom } from '../orders/coverage.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import { type Bucket, candlesIn, readCandleRange } from './candles.ts';
import { marketOf } from './market-of.ts';
import { findTrades, type PublicTrade } from './queries/trades.ts';

/** Trades that leave PostgreSQL may be told from memory for so long. */
const knownCoverageMs = 1_000;

/** A page of a product's trades: from memory as far as they are there, else from PostgreSQL. */
export async function listTrades(
  api: Api,
  product: ListedProduct,
  query: Query,
): Promise<Listed<PublicTrade>> {
  const page = readPage(query);
  const { marketData } = api.shards.ofProduct(product);
  if (marketData.isThere()) {
    await marketData.caughtUp();
    const recent = marketData.trades(product.productId, page);
    const covers = recent && (await coversFrom(api, product, knownCoverageMs));
    if (covers && recent.every(({ sequence }) => sequence >= (covers[0] ?? 0)))
      return listed(recent, idOf, { coversFrom: covers });
  }
  const stored = await storedTrades(api, product, page);
  return listed(stored, idOf, { coversFrom: await coversFrom(api, product) });
}

const idOf = ({ tradeId }: PublicTrade): number => tradeId;

/** Once all that is matched now is there. */
export async function storedTrades(
  api: Api,
  product: ListedProduct,
  page: Page,
): Promise<readonly PublicTrade[]> {
  const { name, everythingMatched, marketData } = api.shards.ofProduct(product);
  const reached = new Map([[name, await everythingMatched()]]);
  const stored = await findTrades(api.readsOf('public', reached), product.productId, page);
  marketData.keepTrades(product.productId, stored);
  return stored;
}

/** The candles that a query asks for, newest first. */
export async function listCandles(api: Api, product: ListedProduct, query: Query): Promise<Bucket[]> {
  const range = readCandleRange(query, Date.now());
  const marketData = await marketOf(api, product);
  // Those that are stored are of yesterday and before, so that nothing is waited for; whoever answers must show as much as PostgreSQL does.
  const { name, persistedNow } = api.shards.ofProduct(product);
  const reads = api.readsOf('public', new Map([[name, persistedNow()]]));
  return candlesIn({ reads, marketData }, product, range);
}
