import type { Candle } from '../../core/candles.ts';
import type { Side } from '../../core/order.ts';
import type { Sum } from '../../core/units.ts';
import type { Page } from '../http/query.ts';
import type { PublicTrade } from './queries/trades.ts';
import type { Stats } from './window.ts';

/**
 * The books and last trades of a shard, in ticks, lots and quote units, kept from the events stream. Everything but
 * `caughtUp` answers at once, from memory; while there is no complete view it throws `LagError`, or `ShardStoppedError`.
 */
export type MarketData = {
  /** Whether there is a complete view now. */
  readonly isThere: () => boolean;
  /** Resolves once all that was matched before this call is in here. Throws `LagError` after `readTimeoutMs`. */
  readonly caughtUp: () => Promise<void>;
  /** The book of a product, empty if it has had no order, with at most `depth` levels a side: 1 for the best, all by default. */
  readonly book: (productId: string, depth?: number) => BookSnapshot;
  readonly ticker: (productId: string) => Ticker;
  /** A page of a product's trades, or null if older ones are asked for than are here. */
  readonly trades: (productId: string, page: Page) => readonly PublicTrade[] | null;
  /** Keeps what PostgreSQL had of such older trades. */
  readonly keepTrades: (productId: string, stored: readonly PublicTrade[]) => void;
  /** All that traded from a minute on, by minute; minutes are since 1970. */
  readonly minutes: (productId: string) => RecentMinutes;
  /** The last sequence that is in here. */
  readonly sequence: () => number;
  /** Resolves once that sequence is in here. Throws `LagError` after `readTimeoutMs`. */
  readonly through: (sequence: number) => Promise<void>;
  /** How many orders of a trader rest in a product. */
  readonly openOrders: (traderId: number, productId: string) => number;
  /** The ids of a trader's resting orders in a product, or in all of the shard, oldest first. */
  readonly openOrderIds: (traderId: number, productId: string | null) => number[];
  /** A resting order, or undefined. */
  readonly restingOrder: (orderId: number) => RestingOrder | undefined;
  /** What rests at a price, in lots. */
  readonly sizeAt: (productId: string, side: Side, price: number) => Sum;
  readonly feedSequence: (productId: string) => number;
  /** The resting orders that events of the last run changed or ended, as they were before, in the order of these events. */
  readonly touched: () => readonly Touched[];
};

export type RecentMinutes = { readonly from: number; readonly minutes: ReadonlyMap<number, Candle> };

/** What an event does not say of the resting order that it is about. */
export type Touched = Pick<RestingOrder, 'traderId' | 'side' | 'price' | 'remaining'>;

export type RestingOrder = {
  readonly orderId: number;
  readonly traderId: number;
  readonly productId: string;
  readonly side: Side;
  readonly price: number;
  readonly remaining: number;
};

/** Best price first. The levels are those of the living book, not copies: read them before the next `await`. */
export type BookSnapshot = {
  /** The last feed sequence included. */
  readonly feedSequence: number;
  /** Unix milliseconds of the last command that concerned the product; 0 if none. */
  readonly time: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** What would trade, and at which price, if an auction of the product ended now. Of the living book, too. */
  readonly indicative: () => Indicative | null;
};

/** At which price a crossed book would uncross as it stands, how much would trade, and what would be left at that price. */
export type Indicative = { readonly price: number; readonly size: Sum; readonly rest: Rest | null };

/** By how much one side has more at a price. */
export type Rest = { readonly side: Side; readonly size: Sum };

export type Level = {
  readonly price: number;
  /** Sum of the remaining sizes. */
  readonly size: Sum;
  /** In time priority. */
  readonly orders: Iterable<RestingOrder> & { readonly size: number };
};

export type Ticker = {
  readonly lastTrade: LastTrade | null;
  readonly bestBid: BestLevel | null;
  readonly bestAsk: BestLevel | null;
  readonly stats: Stats;
};

export type BestLevel = Pick<Level, 'price' | 'size'>;

export type LastTrade = {
  readonly tradeId: number;
  readonly makerOrderId: number;
  readonly takerOrderId: number;
  readonly takerSide: Side;
  readonly price: number;
  readonly size: number;
  /** Unix milliseconds. */
  readonly time: number;
};
