import { BookBroken, createLevelBook, type LevelBook, type LevelUpdate, type Snapshot } from './book.ts';
import type { Feed, Subscription } from './feed.ts';

export type BookWatch = {
  readonly book: LevelBook;
  /** Ends it. */
  readonly close: () => void;
};

export type WatchBookOptions = {
  readonly channel?: 'level2' | 'level2_batch';
  /** The book has changed, or its state has. */
  readonly onChange?: (book: LevelBook, message: Snapshot | LevelUpdate | null) => void;
  /** The book was not the exchange's; a snapshot is on its way. */
  readonly onBroken?: (error: BookBroken) => void;
};

/** Keeps a book that is the exchange's: whenever a sequence or a checksum contradicts it, it starts from a new snapshot. */
export function watchBook(feed: Feed, productId: string, options: WatchBookOptions = {}): BookWatch {
  const { channel = 'level2', onChange, onBroken } = options;
  const book = createLevelBook(productId);
  const subscription: Subscription = {
    channel,
    productIds: [productId],
    onReset: () => {
      book.reset();
      onChange?.(book, null);
    },
    onMessage: (message) => {
      const update = message as unknown as Snapshot | LevelUpdate;
      try {
        book.apply(update);
        onChange?.(book, update);
      } catch (error) {
        if (!(error instanceof BookBroken)) throw error;
        onBroken?.(error);
        onChange?.(book, null);
        void feed.restart(subscription);
      }
    },
  };
  return { book, close: feed.subscribe(subscription) };
}
