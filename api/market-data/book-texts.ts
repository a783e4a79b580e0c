import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Product, ProductStatus } from '../../core/product.ts';
import { singleFlight } from '../../core/single-flight.ts';
import { formatAmount } from '../../core/units.ts';
import { iso } from '../http/iso.ts';
import type { BookSnapshot, Level, MarketData } from './market-data.ts';
import { type BookLevel, presentAuction, presentBook } from './presentation.ts';
import { createTimeBudget } from './time-budget.ts';

/** The JSON of a book as it stands, made once for each change however many ask. Throws as `MarketData` does. */
export type BookTexts = (product: Product, level: BookLevel) => Promise<Buffer>;

/** Rows that are written in one turn of the event loop: some milliseconds. */
const rowsATurn = 10_000;

type Kept = { readonly feedSequence: number; readonly status: ProductStatus; readonly text: Buffer };

/** A change of status takes no number of the feed. */
function isCurrent(
  kept: Kept | undefined,
  { feedSequence }: BookSnapshot,
  { status }: Product,
): kept is Kept {
  return kept?.feedSequence === feedSequence && kept.status === status;
}

/**
 * The text of half a million orders is 20 MB and takes half a second: it is written in turns from a copy of the numbers,
 * which takes a twentieth of that, and shared by all who asked meanwhile. Whoever asks while one is written has the next.
 */
export function createBookTexts(marketData: Pick<MarketData, 'book'>): BookTexts {
  const kept = new Map<string, Kept>();
  const writers = new Map<string, () => Promise<Buffer>>();
  /** As it was asked for last: its status may have changed since the writer was made. */
  const asked = new Map<string, Product>();
  const write = async (product: Product, level: BookLevel, key: string): Promise<Buffer> => {
    const book = marketData.book(product.productId, level === 1 ? 1 : undefined);
    const known = kept.get(key);
    if (isCurrent(known, book, product)) return known.text;
    const { feedSequence } = book;
    const text = isSmall(book, level)
      ? Buffer.from(JSON.stringify(presentBook(book, level, product)))
      : await writeInTurns(book, level, product);
    kept.set(key, { feedSequence, status: product.status, text });
    return text;
  };
  return async (product, level) => {
    const { productId } = product;
    const key = `${productId} ${level}`;
    const book = marketData.book(productId, 1);
    const known = kept.get(key);
    if (isCurrent(known, book, product)) return known.text;
    // In an auction each text looks at all levels that cross.
    if (level === 1 && product.status !== 'auction') return write(product, level, key);
    asked.set(key, product);
    let writer = writers.get(key);
    if (!writer) {
      writer = rested(() => write(asked.get(key)!, level, key));
      writers.set(key, writer);
    }
    return writer();
  };
}

/** One at a time, and after a long one a rest. Without one it begins at once, so that the book is the one that was asked for. */
function rested(work: () => Promise<Buffer>): () => Promise<Buffer> {
  const budget = createTimeBudget();
  return singleFlight(async () => {
    if (budget.rest() > 0) await budget.rested();
    const start = performance.now();
    const text = await work();
    budget.spent(performance.now() - start);
    return text;
  });
}

function isSmall({ bids, asks }: BookSnapshot, level: BookLevel): boolean {
  let rows = 0;
  for (const half of [bids, asks])
    for (const { orders } of half) {
      rows += level === 3 ? orders.size : 1;
      if (rows > rowsATurn) return false;
    }
  return true;
}

/** The same text as that of `presentBook`. */
async function writeInTurns(book: BookSnapshot, level: BookLevel, product: Product): Promise<Buffer> {
  const { feedSequence, time } = book;
  const copy = level === 3 ? copyOrders : copyLevels;
  const [bids, asks] = [copy(book.bids), copy(book.asks)];
  const auction = product.status === 'auction' ? JSON.stringify(presentAuction(book, product)) : null;
  const parts = [Buffer.from(`{"sequence":${feedSequence},"bids":[`)];
  await writeHalf(parts, bids, product);
  parts.push(Buffer.from('],"asks":['));
  await writeHalf(parts, asks, product);
  parts.push(
    Buffer.from(
      `],"auction_mode":${product.status === 'auction'},"auction":${auction},"time":"${iso(time)}"}`,
    ),
  );
  return Buffer.concat(parts);
}

/** Row by row the price, the size, and an order's id or a level's count. The living book goes on changing meanwhile. */
type Copy = {
  readonly prices: number[];
  readonly sizes: (number | bigint)[];
  readonly thirds: number[];
  readonly isById: boolean;
};

function copyOrders(levels: readonly Level[]): Copy {
  const copy: Copy = { prices: [], sizes: [], thirds: [], isById: true };
  for (const { price, orders } of levels)
    for (const { remaining, orderId } of orders) {
      copy.prices.push(price);
      copy.sizes.push(remaining);
      copy.thirds.push(orderId);
    }
  return copy;
}

function copyLevels(levels: readonly Level[]): Copy {
  const copy: Copy = { prices: [], sizes: [], thirds: [], isById: false };
  for (const { price, size, orders } of levels) {
    copy.prices.push(price);
    copy.sizes.push(size);
    copy.thirds.push(orders.size);
  }
  return copy;
}

async function writeHalf(parts: Buffer[], rows: Copy, { tick, lot }: Product): Promise<void> {
  const { prices, sizes, thirds, isById } = rows;
  for (let from = 0; from < prices.length; from += rowsATurn) {
    const texts: string[] = [];
    for (let i = from; i < Math.min(from + rowsATurn, prices.length); i++) {
      const third = isById ? `"${thirds[i]}"` : thirds[i];
      texts.push(`["${formatAmount(prices[i]!, tick)}","${formatAmount(sizes[i]!, lot)}",${third}]`);
    }
    parts.push(Buffer.from(`${from === 0 ? '' : ','}${texts.join(',')}`));
    await nextTurn();
  }
}
