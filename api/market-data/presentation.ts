import { oncePer } from '../../core/once-per.ts';
import type { Product } from '../../core/product.ts';
import { formatAmount } from '../../core/units.ts';
import { iso } from '../http/iso.ts';
import type { Bucket } from './candles.ts';
import type { BookSnapshot, Indicative, Level, Ticker } from './market-data.ts';
import type { PublicTrade } from './queries/trades.ts';

/** A public trade shows the maker's side. */
export function presentTrade(trade: Omit<PublicTrade, 'sequence'>, product: Product) {
  return {
    trade_id: trade.tradeId,
    side: trade.takerSide === 'buy' ? ('sell' as const) : ('buy' as const),
    size: formatAmount(trade.size, product.lot),
    price: formatAmount(trade.price, product.tick),
    time: iso(trade.createdAt),
  };
}

/** The JSON of a trade, made once for as long as the trade is kept: increments never change. */
export const tradeText = oncePer((trade: PublicTrade, product: Product) =>
  JSON.stringify(presentTrade(trade, product)),
);

export type BookLevel = 1 | 2 | 3;

/** Levels 1 and 2 show prices, 3 shows orders. */
export function presentBook(book: BookSnapshot, level: BookLevel, product: Product) {
  const rows = level === 3 ? orderRows : priceRows;
  return {
    sequence: book.feedSequence,
    bids: rows(book.bids, product),
    asks: rows(book.asks, product),
    auction_mode: product.status === 'auction',
    auction: product.status === 'auction' ? presentAuction(book, product) : null,
    time: iso(book.time || Date.now()),
  };
}

/** What an auction comes to if it ends now, or came to as it ended, in the words of the dialect; `imbalance` is ours. */
export function presentAuction(book: BookSnapshot, { tick, lot }: Product, ended?: AuctionEnd) {
  const opens = ended ? ended.opened : book.indicative();
  const best = (level: Level | undefined) => ({
    price: level ? formatAmount(level.price, tick) : null,
    size: level ? formatAmount(level.size, lot) : null,
  });
  const [bid, ask] = [best(book.bids[0]), best(book.asks[0])];
  const rest = opens?.rest ?? null;
  return {
    open_price: opens ? formatAmount(opens.price, tick) : null,
    open_size: formatAmount(opens?.size ?? 0, lot),
    ...{ imbalance_side: rest?.side ?? null, imbalance_size: formatAmount(rest?.size ?? 0, lot) },
    ...{ best_bid_price: bid.price, best_bid_size: bid.size },
    ...{ best_ask_price: ask.price, best_ask_size: ask.size },
    auction_state: ended?.state ?? ('collection' as const),
    can_open: opens && !ended ? ('yes' as const) : ('no' as const),
    time: iso(ended?.time ?? (book.time || Date.now())),
  };
}

/** An auction as it is told by itself. `sequence` is the last event of the product that is in it. */
export type Auction = ReturnType<typeof presentAuction> & {
  readonly product_id: string;
  readonly sequence: number;
};

/** `suspended` if orders were to gather no more and nothing was opened. */
export type AuctionEnd = {
  readonly state: 'complete' | 'suspended';
  /** Null if nothing traded. */
  readonly opened: Indicative | null;
  readonly time: number;
};

/** Prices with what is there, by name. */
export function presentLevels(levels: readonly Level[], { tick, lot }: Product) {
  return levels.map(({ price, size, orders }) => ({
    price: formatAmount(price, tick),
    size: formatAmount(size, lot),
    orders: orders.size,
  }));
}

function priceRows(levels: readonly Level[], { tick, lot }: Product) {
  return levels.map(({ price, size, orders }) => [
    formatAmount(price, tick),
    formatAmount(size, lot),
    orders.size,
  ]);
}

function orderRows(levels: readonly Level[], { tick, lot }: Product) {
  return levels.flatMap(({ price, orders }) => {
    const shownPrice = formatAmount(price, tick);
    return Array.from(orders, ({ remaining, orderId }) => [
      shownPrice,
      formatAmount(remaining, lot),
      String(orderId),
    ]);
  });
}

export function presentTicker({ lastTrade, bestBid, bestAsk, stats }: Ticker, { tick, lot }: Product) {
  return {
    trade_id: lastTrade?.tradeId ?? null,
    price: lastTrade ? formatAmount(lastTrade.price, tick) : null,
    size: lastTrade ? formatAmount(lastTrade.size, lot) : null,
    time: lastTrade ? iso(lastTrade.time) : null,
    bid: bestBid === null ? null : formatAmount(bestBid.price, tick),
    ask: bestAsk === null ? null : formatAmount(bestAsk.price, tick),
    volume: formatAmount(stats.volume, lot),
  };
}

/** JSON numbers with all their digits, of which those of JavaScript keep 53 bits. The low comes before the high. */
function candleNumbers([time, candle]: Bucket, { tick, lot }: Product): string[] {
  const { low, high, open, close, volume } = candle;
  return [
    String(time),
    ...[low, high, open, close].map((price) => formatAmount(price, tick)),
    formatAmount(volume, lot),
  ];
}

const jsonRows = (rows: readonly (readonly string[])[]): string =>
  `[${rows.map((row) => `[${row.join(',')}]`).join(',')}]`;

/** Buckets as JSON. */
export function candlesText(buckets: readonly Bucket[], product: Product): string {
  return jsonRows(buckets.map((bucket) => candleNumbers(bucket, product)));
}

/** The same without volumes. */
export function sparkLineText(buckets: readonly Bucket[], product: Product): string {
  return jsonRows(buckets.map((bucket) => candleNumbers(bucket, product).slice(0, -1)));
}

export function presentStats({ lastTrade, stats }: Ticker, { tick, lot }: Product) {
  const price = (ticks: number | null | undefined): string | null =>
    ticks == null ? null : formatAmount(ticks, tick);
  return {
    open: price(stats.open),
    high: price(stats.high),
    low: price(stats.low),
    last: price(lastTrade?.price),
    volume: formatAmount(stats.volume, lot),
    volume_30day: formatAmount(stats.volume30Days, lot),
  };
}
