import { sql } from 'slonik';
import { z } from 'zod';
import type { ProductStatus, SelfTradePrevention } from '../../../core/product.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import type { Collar, ProductLimits } from '../body.ts';

const versionRow = z.object({ version: z.number() });

/** Decimal text. */
type FeeRateTexts = { readonly makerFeeRate: string; readonly takerFeeRate: string };

export type NewProduct = ProductLimits & {
  readonly productId: string;
  readonly shard: string;
  readonly baseCurrency: string;
  readonly quoteCurrency: string;
  readonly quoteIncrement: string;
  readonly baseIncrement: string;
  readonly status: ProductStatus;
  readonly selfTradePrevention: SelfTradePrevention;
  /** Null: as many as the table says. */
  readonly maxMakers: number | null;
  readonly funded: boolean;
} & FeeRateTexts &
  Collar;

/** Adds a product, and what it trades as a currency if it is none yet. Returns its version; null if there is one already. */
export async function insertProduct(pool: Queries, product: NewProduct): Promise<number | null> {
  const p = product;
  const inserted = await pool.maybeOne(sql.type(versionRow)`
    with base as (
      insert into currencies (currency, name, kind, increment)
      values (${p.baseCurrency}, ${p.baseCurrency}, 'crypto', ${p.baseIncrement}::numeric)
      on conflict do nothing
    )
    insert into products (product_id, shard, base_currency, quote_currency, status, quote_increment, base_increment,
      min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds, self_trade_prevention, max_makers, funded,
      maker_fee_rate, taker_fee_rate, price_collar, collar_halts)
    values (${p.productId}, ${p.shard}, ${p.baseCurrency}, ${p.quoteCurrency}, ${p.status}::product_status,
      ${p.quoteIncrement}::numeric, ${p.baseIncrement}::numeric, ${p.minPrice}::numeric, ${p.maxPrice}::numeric,
      ${p.baseMinSize}::numeric, ${p.baseMaxSize}::numeric, ${p.minMarketFunds}::numeric,
      ${p.maxMarketFunds}::numeric, ${p.selfTradePrevention}::self_trade_prevention, ${p.maxMakers === null ? sql.fragment`default` : sql.fragment`${p.maxMakers}`}, ${p.funded},
      ${p.makerFeeRate}::numeric, ${p.takerFeeRate}::numeric, ${p.priceCollar}::numeric, ${p.collarHalts})
    on conflict do nothing
    returning version`);
  return inserted?.version ?? null;
}

export type ProductUpdate = ProductLimits & {
  readonly productId: string;
  /** Of the row that the change was made for. */
  readonly version: number;
  readonly status: ProductStatus;
  readonly selfTradePrevention: SelfTradePrevention;
  readonly maxMakers: number;
} & FeeRateTexts &
  Collar;

/** Changes a product and returns its version, the same as before if nothing is different. Null if it has another by now. */
export async function updateProduct(pool: Queries, update: ProductUpdate): Promise<number | null> {
  const u = update;
  const updated = await pool.maybeOne(sql.type(versionRow)`
    update products set
      status = ${u.status}::product_status,
      self_trade_prevention = ${u.selfTradePrevention}::self_trade_prevention, max_makers = ${u.maxMakers},
      maker_fee_rate = ${u.makerFeeRate}::numeric, taker_fee_rate = ${u.takerFeeRate}::numeric,
      price_collar = ${u.priceCollar}::numeric, collar_halts = ${u.collarHalts},
      min_price = ${u.minPrice}::numeric, max_price = ${u.maxPrice}::numeric,
      base_min_size = ${u.baseMinSize}::numeric, base_max_size = ${u.baseMaxSize}::numeric,
      min_market_funds = ${u.minMarketFunds}::numeric, max_market_funds = ${u.maxMarketFunds}::numeric
    where product_id = ${u.productId} and version = ${u.version}
    returning version`);
  return updated?.version ?? null;
}
