import { formatAmount } from '../../core/units.ts';
import type { FeedEvent } from '../feed/events.ts';
import { levelsChangedBy, type ProductRun } from '../feed/watch.ts';
import { iso } from '../http/iso.ts';
import type { Level, MarketData } from '../market-data/market-data.ts';
import { type Auction, presentLevels } from '../market-data/presentation.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import {
  type Auction as AuctionMessage,
  type MarketEvent,
  MarketEventKind,
  type MarketTrade,
  type MarketUpdate,
  StreamMarketDataResponse,
} from './generated/cardstock/v1/market_data.ts';
import { auctionStates, doneReasons, sides } from './words.ts';

/** What a stream tells. Streams of the same product and kinds are sent the same bytes. */
export type Kinds = {
  readonly levels: boolean;
  readonly trades: boolean;
  readonly events: boolean;
  readonly auction: boolean;
};

/** Levels of one message, which stays far below the 4 MiB that clients take. */
const levelsAPart = 10_000;

type Message = NonNullable<StreamMarketDataResponse['message']>;

function encode(message: Message): Buffer {
  return Buffer.from(StreamMarketDataResponse.encode({ message }).finish());
}

/** The book as it is now, in parts. */
export function snapshotsOf(product: ListedProduct, marketData: MarketData, kinds: Kinds): Buffer[] {
  const book = marketData.book(product.productId, kinds.levels ? undefined : 0);
  const { feedSequence: sequence, bids, asks } = book;
  const time = iso(book.time || Date.now());
  const parts = Math.max(1, Math.ceil(Math.max(bids.length, asks.length) / levelsAPart));
  return Array.from({ length: parts }, (_, part) => {
    const some = (levels: readonly Level[]) =>
      presentLevels(levels.slice(part * levelsAPart, (part + 1) * levelsAPart), product);
    const value = { sequence, time, bids: some(bids), asks: some(asks), is_last_part: part === parts - 1 };
    return encode({ $case: 'snapshot', value });
  });
}

/** Null if the run has nothing of these kinds. */
export function updateOf(run: ProductRun, marketData: MarketData, kinds: Kinds): Buffer | null {
  const { product, events } = run;
  const update: MarketUpdate = {
    previous_sequence: run.before,
    sequence: run.sequence,
    time: iso(run.time),
    levels: kinds.levels ? changesOf(run, marketData) : [],
    trades: kinds.trades ? events.flatMap((event) => tradeOf(event, product)) : [],
    events: kinds.events ? events.map((event) => eventOf(event, product)) : [],
  };
  const isEmpty = update.levels.length + update.trades.length + update.events.length === 0;
  return isEmpty ? null : encode({ $case: 'update', value: update });
}

export function auctionOf(auction: Auction): Buffer {
  return encode({ $case: 'auction', value: auctionMessage(auction) });
}

export function auctionMessage(auction: Auction): AuctionMessage {
  return {
    ...{ sequence: auction.sequence, time: auction.time },
    state: auctionStates.numberOf(auction.auction_state),
    ...{ open_price: auction.open_price ?? '', open_size: auction.open_size },
    imbalance_side: sides.numberOf(auction.imbalance_side ?? undefined),
    imbalance_size: auction.imbalance_size,
    ...{ best_bid_price: auction.best_bid_price ?? '', best_bid_size: auction.best_bid_size ?? '' },
    ...{ best_ask_price: auction.best_ask_price ?? '', best_ask_size: auction.best_ask_size ?? '' },
    can_open: auction.can_open === 'yes',
  };
}

function changesOf({ product, events }: ProductRun, marketData: MarketData) {
  const { productId, tick, lot } = product;
  return levelsChangedBy(events).map(({ side, price }) => ({
    side: sides.numberOf(side),
    price: formatAmount(price, tick),
    size: formatAmount(marketData.sizeAt(productId, side, price), lot),
  }));
}

function tradeOf({ event, order, taker, sequence }: FeedEvent, { tick, lot }: ListedProduct): MarketTrade[] {
  if (event.kind !== 'match') return [];
  return [
    {
      ...{ trade_id: event.tradeId, sequence, side: sides.numberOf(order.side) },
      ...{ maker_order_id: String(order.orderId), taker_order_id: String(taker!.orderId) },
      ...{ price: formatAmount(event.price, tick), size: formatAmount(event.size, lot) },
    },
  ];
}

const kindNumbers = {
  received: MarketEventKind.RECEIVED,
  open: MarketEventKind.OPEN,
  match: MarketEventKind.MATCH,
  change: MarketEventKind.CHANGE,
  done: MarketEventKind.DONE,
} as const;

function eventOf(feedEvent: FeedEvent, { tick, lot }: ListedProduct): MarketEvent {
  const { event, order, taker, sequence } = feedEvent;
  const size = sizeOf(feedEvent);
  const reason = event.kind === 'done' ? (event.reason === 'filled' ? 'filled' : 'canceled') : undefined;
  return {
    ...{ kind: kindNumbers[event.kind], sequence, order_id: String(order.orderId) },
    side: sides.numberOf(order.side),
    price: order.price === null ? '' : formatAmount(order.price, tick),
    size: size === null ? '' : formatAmount(size, lot),
    trade_id: event.kind === 'match' ? event.tradeId : 0,
    taker_order_id: event.kind === 'match' ? String(taker!.orderId) : '',
    reason: doneReasons.numberOf(reason),
  };
}

function sizeOf({ event }: FeedEvent): number | null {
  return event.kind === 'received' || event.kind === 'match' ? event.size : event.remaining;
}
