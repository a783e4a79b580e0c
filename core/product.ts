import type { Increment } from './units.ts';

/**
 * `online` trades; in an `auction` orders gather, until `online` lets them trade at one price; `cancel_only` takes cancels and nothing
 * else; `offline` takes nothing.
 */
export const productStatuses = ['online', 'cancel_only', 'offline', 'auction'] as const;
export type ProductStatus = (typeof productStatuses)[number];

/**
 * What happens when an order would trade with a resting order of the same trader, decided by the incoming order:
 * `none` they trade; `dc` the smaller is canceled and the larger reduced by it (equal: both canceled);
 * `co` the resting order is canceled; `cn` the incoming order is canceled; `cb` both are.
 */
export const selfTradePreventions = ['none', 'dc', 'co', 'cn', 'cb'] as const;
export type SelfTradePrevention = (typeof selfTradePreventions)[number];

/** How a prefunded product pays: units of its currencies in one lot and in one quote unit. */
export type Funding = {
  readonly baseCurrency: string;
  readonly baseUnits: number;
  readonly quoteCurrency: string;
  readonly quoteUnits: number;
};

/** What else its `product` command tells the matcher of a product. Null: announced before there was such a rule, so unlimited. */
export type ProductRules = {
  /** Makers that one command may meet. */
  readonly maxMakers: number | null;
  /** Lots that a market order by funds alone may trade. */
  readonly maxSize: number | null;
  /** How far from the last trade orders may trade, in parts per million of its price. Null: as far as they like. */
  readonly collar: number | null;
  /** What a trade costs each side, in parts per million of its value. Null is zero. */
  readonly makerFee: number | null;
  readonly takerFee: number | null;
};

export const noRules: ProductRules = Object.freeze({
  maxMakers: null,
  maxSize: null,
  collar: null,
  makerFee: null,
  takerFee: null,
});

/** What trades of a product cost each side. Rates are in parts per million; fees are counted in units of the quote currency. */
export type ProductFees = { readonly maker: number; readonly taker: number; readonly unit: Increment };

/** What is traded. Prices are integer ticks of `tick`, sizes integer lots of `lot`, quote amounts integer units of `quoteUnit`. */
export type Product = {
  readonly productId: string;
  readonly shard: string;
  readonly baseCurrency: string;
  readonly quoteCurrency: string;
  readonly status: ProductStatus;
  /** Grows with every change of the row, so that a change can be told from what is already known. */
  readonly version: number;
  readonly tick: Increment;
  readonly lot: Increment;
  /** One tick times one lot: the unit of funds and of executed value. */
  readonly quoteUnit: Increment;
  readonly minPrice: number;
  readonly maxPrice: number;
  readonly minSize: number;
  readonly maxSize: number;
  /** Bounds of a market order's funds, in quote units. */
  readonly minFunds: number;
  readonly maxFunds: number;
  readonly selfTradePrevention: SelfTradePrevention;
  readonly fees: ProductFees;
  /** How far from the last trade orders may trade, in parts per million of its price; 0: as far as they like. */
  readonly collar: number;
  /** Null if its orders touch no account. */
  readonly funding: Funding | null;
};
