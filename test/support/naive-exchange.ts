import type { Funding, ProductRules, ProductStatus } from '../../core/product.ts';
import type { RejectReason } from '../../core/reject-reasons.ts';
import type { Place } from '../../core/wire/commands.ts';
import type { FeeRates } from '../../core/wire/reports.ts';

/** The matching rules once more, in the most obvious way: every resting order in one array, sorted anew for each step. */
export type NaiveExchange = {
  sequence: number;
  products: Map<string, NaiveProduct>;
  resting: NaiveOrder[];
  /** Stop orders that no trade has met yet. */
  waiting: NaiveOrder[];
  /** Traders who may cancel only. */
  frozen: Set<number>;
  accounts: NaiveAccounts;
  /** The last all-or-none batch. */
  batch: NaiveBatch | null;
};

export type NaiveBatch = {
  /** The sequence of its last order. */
  readonly until: number;
  readonly isRefused: boolean;
  /** By sequence, why an order is refused that something is wrong with. */
  readonly reasons: ReadonlyMap<number, RejectReason>;
  /** By product, the sequence of its last order. */
  readonly lastOf: ReadonlyMap<string, number>;
  /** By product, the price of the last trade before it. */
  readonly before: ReadonlyMap<string, number | null>;
  /** By product, the prices of the trades that no stop order has seen yet. */
  readonly prices: Map<string, number[]>;
};
export type NaiveProduct = {
  status: ProductStatus;
  version: number;
  funding: Funding | null;
  rules: ProductRules;
  tradeId: number;
  feed: number;
  /** The price of the last trade. */
  last: number | null;
  /** Whether a stop order has ever waited. */
  hadStops: boolean;
};

/** What is not limited is Infinity: the size of a market order by funds, the funds of any other order. `room` is how much of that size is left. */
type Given =
  | 'traderId'
  | 'productId'
  | 'side'
  | 'price'
  | 'selfTradePrevention'
  | 'postOnly'
  | 'stop'
  | 'stopPrice'
  | 'expireTime'
  | 'maxFloor';
type Amounts = { size: number; remaining: number; funds: number; room: number };
/**
 * `turn`: which of the stop orders that the command of its place triggered, and of the tips that it used up, it was. `tip`: how much
 * of an iceberg that rests is shown, of all that remains; 0 for any other.
 */
export type NaiveOrder = Pick<Place, Given> & {
  readonly id: number;
  place: number;
  turn: number | null;
  tip: number;
} & Amounts &
  NaiveFees;

export type NaiveFees = {
  /** In parts per million, as its product had them when it came, or came to its place. */
  rates: FeeRates;
  /** The highest of them that it may still be charged. */
  worstRate: number;
  /** The sum over its trades of value times rate, in millionths of a unit. */
  owed: bigint;
};

/**
 * Accounts in the most obvious way: a balance for each trader and currency, and no hold at all. What is on hold is added up
 * from the resting orders whenever someone asks.
 */
export type NaiveAccounts = {
  /** `<trader> <currency>` → all that the trader has of it, on hold or not. */
  readonly balances: Map<string, bigint>;
  /** The accounts that the command at hand has changed, in that order. */
  readonly moved: Set<string>;
};
