import { crc32 } from './crc32.ts';
import type { Decimal, Side } from './types.ts';

export type BookSide = ReadonlyMap<Decimal, Decimal>;
export type Snapshot = {
  readonly type: 'snapshot';
  readonly product_id: string;
  readonly bids: readonly (readonly [Decimal, Decimal])[];
  readonly asks: readonly (readonly [Decimal, Decimal])[];
  readonly sequence?: number;
  readonly checksum?: number;
};
export type LevelUpdate = {
  readonly type: 'l2update';
  readonly product_id: string;
  readonly time: string;
  readonly changes: readonly (readonly [Side, Decimal, Decimal])[];
  readonly sequence?: number;
  readonly checksum?: number;
};

/** `empty` until a snapshot came, `kept` while updates follow on, `proven` once a checksum agreed since the snapshot. */
export type BookState = 'empty' | 'kept' | 'proven';

/** Why a book cannot be trusted; a new snapshot mends it. */
export class BookBroken extends Error {
  override name = 'BookBroken';
}

export type Level = readonly [price: Decimal, size: Decimal];

const checkedDepth = 10;

/** A book by price, kept from the messages of the channels `level2` and `level2_batch`. */
export type LevelBook = ReturnType<typeof createLevelBook>;

export function createLevelBook(productId: string) {
  const bids = createLevels('buy');
  const asks = createLevels('sell');
  let state: BookState = 'empty';
  let sequence = 0;

  const check = (checksum: number | undefined): void => {
    if (checksum === undefined) return;
    if (checksum !== checksumOf(bids.best(checkedDepth), asks.best(checkedDepth))) {
      state = 'empty';
      throw new BookBroken(`the book of ${productId} is not the exchange's at ${sequence}`);
    }
    state = 'proven';
  };

  return {
    productId,
    bids,
    asks,
    get state() {
      return state;
    },
    get sequence() {
      return sequence;
    },
    /** What is known is no longer continued: a snapshot must come. */
    reset(): void {
      state = 'empty';
    },
    /** Throws `BookBroken` if the message cannot follow what is there. Passes over what the book has already. */
    apply(message: Snapshot | LevelUpdate): void {
      if (message.product_id !== productId) return;
      if (message.type === 'snapshot') {
        bids.replace(message.bids);
        asks.replace(message.asks);
        state = 'kept';
      } else {
        if (state === 'empty') return;
        if (message.sequence !== undefined && message.sequence < sequence) {
          state = 'empty';
          throw new BookBroken(`${productId} went back from ${sequence} to ${message.sequence}`);
        }
        for (const [side, price, size] of message.changes) (side === 'buy' ? bids : asks).set(price, size);
      }
      sequence = message.sequence ?? sequence;
      check(message.checksum);
    },
  };
}

/** CRC-32 of the ten best bids, then the ten best asks, best first: `price:size`, with commas between. */
export function checksumOf(bids: readonly Level[], asks: readonly Level[]): number {
  return crc32([...bids, ...asks].map(([price, size]) => `${price}:${size}`).join(','));
}

export type Levels = ReturnType<typeof createLevels>;

/** One half of a book, best first, kept sorted by binary insertion: a change costs no sort of the whole. */
function createLevels(side: Side) {
  let sizes = new Map<Decimal, Decimal>();
  let prices: Decimal[] = [];
  const isBefore = (a: Decimal, b: Decimal) => (side === 'buy' ? isLess(b, a) : isLess(a, b));
  const placeOf = (price: Decimal): number => {
    let low = 0;
    let high = prices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(prices[middle]!, price)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    get length() {
      return sizes.size;
    },
    sizeAt: (price: Decimal): Decimal | undefined => sizes.get(price),
    prices: (): readonly Decimal[] => prices,
    best: (depth: number): Level[] => prices.slice(0, depth).map((price) => [price, sizes.get(price)!]),
    replace(levels: readonly (readonly [Decimal, Decimal])[]): void {
      sizes = new Map(levels);
      prices = [...sizes.keys()].sort((a, b) => (isBefore(a, b) ? -1 : 1));
    },
    set(price: Decimal, size: Decimal): void {
      const isKnown = sizes.has(price);
      if (/^[0.]*$/.test(size)) {
        if (!isKnown) return;
        sizes.delete(price);
        prices.splice(placeOf(price), 1);
        return;
      }
      if (!isKnown) prices.splice(placeOf(price), 0, price);
      sizes.set(price, size);
    },
  };
}

/** Prices of one product have the same number of decimals, so that their texts compare as the numbers do. */
function isLess(a: Decimal, b: Decimal): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}
