import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { productStatuses, selfTradePreventions } from '../../../core/product.ts';
import type { Queries } from '../../../sql/with-timeout.ts';

/** Amounts are decimal text, as the row has them. */
const row = z.object({
  productId: z.string(),
  shard: z.string(),
  baseCurrency: z.string(),
  quoteCurrency: z.string(),
  status: z.enum(productStatuses),
  version: z.number(),
  quoteIncrement: z.string(),
  baseIncrement: z.string(),
  minPrice: z.string(),
  maxPrice: z.string(),
  baseMinSize: z.string(),
  baseMaxSize: z.string(),
  minMarketFunds: z.string(),
  maxMarketFunds: z.string(),
  selfTradePrevention: z.enum(selfTradePreventions),
  maxMakers: z.number(),
  makerFeeRate: z.string(),
  takerFeeRate: z.string(),
  priceCollar: z.string(),
  collarHalts: z.boolean(),
});
export type ProductRow = z.infer<typeof row>;

const columns = sql.fragment`product_id as "productId", shard, base_currency as "baseCurrency", quote_currency as "quoteCurrency",
      status, version, quote_increment as "quoteIncrement", base_increment as "baseIncrement",
      min_price as "minPrice", max_price as "maxPrice", base_min_size as "baseMinSize", base_max_size as "baseMaxSize",
      min_market_funds as "minMarketFunds", max_market_funds as "maxMarketFunds",
      self_trade_prevention as "selfTradePrevention", max_makers as "maxMakers",
      maker_fee_rate as "makerFeeRate", taker_fee_rate as "takerFeeRate",
      price_collar as "priceCollar", collar_halts as "collarHalts"`;

/** So many are checked in some milliseconds, and the event loop turns between them. */
const page = 1_000;

/** By id, a page after the other: a row is as it is when its page is read. */
export async function loadProducts(connection: CommonQueryMethods): Promise<readonly ProductRow[]> {
  const products: ProductRow[] = [];
  for (;;) {
    const after = products.at(-1)?.productId ?? '';
    const rows = await connection.any(
      sql.type(
        row,
      )`select ${columns} from products where product_id > ${after} order by product_id limit ${page}`,
    );
    products.push(...rows);
    if (rows.length < page) return products;
  }
}

/** Throws if there is no such product. */
export async function loadProduct(pool: Queries, productId: string): Promise<ProductRow> {
  return pool.one(sql.type(row)`select ${columns} from products where product_id = ${productId}`);
}
