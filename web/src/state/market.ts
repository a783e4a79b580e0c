import type { LevelBook } from '@cardstock/client/book';
import type { SocketMessage } from '@cardstock/client/socket';
import type { Side, Trade } from '@cardstock/client/types';
import { watchBook } from '@cardstock/client/watch-book';
import { batch, computed, signal } from '@preact/signals';
import { watchAuction } from './auction.ts';
import { keepTick } from './products.ts';
import { connection, feed, rest } from './session.ts';

/** A public trade as the tape shows it: with the taker's side. */
export type TapeTrade = {
  readonly id: number;
  readonly side: Side;
  readonly price: string;
  readonly size: string;
  readonly time: string;
};

/** All that is shown of one product. A switch makes another one, so that nothing of the product before can be left. */
export type Market = {
  readonly productId: string;
  readonly book: LevelBook;
  readonly close: () => void;
};

const tapeLength = 200;

export const market = signal<Market | null>(null);
/** Grows with each frame in which the book has changed. */
export const bookVersion = signal(0);
export const tape = signal<readonly TapeTrade[]>([]);
/** Whether what the ladder shows is what the exchange has: the socket is open and a checksum has agreed. */
export const isBookProven = computed(() => {
  bookVersion.value;
  return connection.value.state === 'open' && market.value?.book.state === 'proven';
});
/** How often the book had to be taken anew because it was not the exchange's. */
export const brokenBooks = signal(0);

type OnTrade = (trade: TapeTrade) => void;
const tradeListeners = new Set<OnTrade>();
/** Each public trade once, in order. Returns what ends it. */
export function onTrade(listener: OnTrade): () => void {
  tradeListeners.add(listener);
  return () => tradeListeners.delete(listener);
}

export function openMarket(productId: string): void {
  market.value?.close();
  tape.value = [];
  const frames = createFrames();
  const watch = watchBook(feed, productId, {
    onChange: frames.book,
    onBroken: () => {
      brokenBooks.value++;
    },
  });
  const trades = createTape(productId, frames);
  const endTrades = feed.subscribe({ channel: 'matches', productIds: [productId], ...trades });
  const endTicker = feed.subscribe({ channel: 'ticker', productIds: [productId], onMessage: keepTick });
  const endAuction = watchAuction(productId);
  const endHeartbeat = feed.subscribe({
    channel: 'heartbeat',
    productIds: [productId],
    onMessage: ({ last_trade_id }) => trades.expect(Number(last_trade_id)),
  });
  void trades.load();
  market.value = {
    productId,
    book: watch.book,
    close: () => {
      for (const end of [watch.close, endTrades, endTicker, endAuction, endHeartbeat, frames.end]) end();
    },
  };
  bookVersion.value++;
}

/** What came within one frame of the screen is shown once. */
function createFrames() {
  let [isBookDirty, isScheduled, isOver] = [false, false, false];
  let arrived: TapeTrade[] = [];
  const draw = (): void => {
    isScheduled = false;
    if (isOver) return;
    batch(() => {
      if (isBookDirty) bookVersion.value++;
      if (arrived.length > 0) tape.value = [...arrived.reverse(), ...tape.value].slice(0, tapeLength);
    });
    [isBookDirty, arrived] = [false, []];
  };
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    // A hidden page draws no frames, and must not keep what it does not draw.
    if (document.hidden) setTimeout(draw, 250);
    else requestAnimationFrame(draw);
  };
  return {
    book: () => {
      isBookDirty = true;
      schedule();
    },
    trade: (trade: TapeTrade) => {
      arrived.push(trade);
      schedule();
    },
    isEnded: () => isOver,
    end: () => {
      isOver = true;
    },
  };
}

/** The API says the maker's side. */
export function tapeTradeOf({ trade_id: id, side, price, size, time }: Trade): TapeTrade {
  return { id, side: side === 'buy' ? 'sell' : 'buy', price, size, time };
}

/** Trades of a product are numbered without a gap, so one that is missing shows: by the next one, or by a heartbeat. */
function createTape(productId: string, frames: ReturnType<typeof createFrames>) {
  let lastId = 0;
  let isLoaded = false;
  let early: TapeTrade[] = [];
  const take = (trade: TapeTrade): void => {
    // A late answer about a product that is no longer shown must not reach the chart of another.
    if (trade.id <= lastId || frames.isEnded()) return;
    lastId = trade.id;
    frames.trade(trade);
    for (const listener of tradeListeners) listener(trade);
  };
  const load = async (): Promise<void> => {
    isLoaded = false;
    const rows = await rest.trades(productId, { limit: 100 }).then(
      (page) => page.rows,
      () => [] as Trade[],
    );
    for (const trade of rows.reverse()) take(tapeTradeOf(trade));
    isLoaded = true;
    for (const trade of early) take(trade);
    early = [];
  };
  return {
    load,
    onReset: () => void load(),
    /** All trades up to this one have been told. */
    expect: (tradeId: number): void => {
      if (isLoaded && tradeId > lastId) void load();
    },
    onMessage: (message: SocketMessage) => {
      const trade = tapeTradeOf(message as unknown as Trade);
      if (isLoaded && trade.id <= lastId + 1) {
        take(trade);
        return;
      }
      early.push(trade);
      if (isLoaded) void load();
    },
  };
}
