import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Side } from '../../core/order.ts';
import { singleFlight } from '../../core/single-flight.ts';
import { formatAmount, type Sum } from '../../core/units.ts';
import { iso } from '../http/iso.ts';
import type { BookSnapshot, Level } from '../market-data/market-data.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import type { Shards } from '../shard/shards.ts';
import { checksumOf } from './checksum.ts';
import { textFrame } from './frame.ts';

/** Whole books by price as frames. Whoever asks before the book changes gets the same bytes. */
export type Snapshots = {
  /** Writes a large book in turns of some milliseconds. To be awaited before `framesOf`. */
  readonly prepare: (product: ListedProduct) => Promise<void>;
  /** The book as it is now: a snapshot, and if that was written some time ago, what has changed since. */
  readonly framesOf: (product: ListedProduct) => readonly Buffer[];
};

/** Levels that are written in one turn of the event loop. */
const levelsATurn = 5_000;
/** A large snapshot may be so old before it is written again; until then what has changed since is sent behind it. */
const renewAfterMs = 1_000;

type Kept = { readonly book: Copy; readonly frame: Buffer; readonly at: number };

/** The numbers of a book by price, since the living one goes on changing. */
type Copy = { readonly sequence: number; readonly time: number } & Record<'bids' | 'asks', readonly Row[]>;
type Row = Pick<Level, 'price' | 'size'>;

export function createSnapshots(shards: Shards): Snapshots {
  const kept = new Map<string, Kept>();
  const writers = new Map<string, () => Promise<void>>();
  const write = async (product: ListedProduct): Promise<void> => {
    const { productId } = product;
    const book = shards.ofProduct(product).marketData.book(productId);
    const isSmall = book.bids.length + book.asks.length <= levelsATurn;
    const known = kept.get(productId);
    if (isSmall || known?.book.sequence === book.feedSequence) return;
    if (known && Date.now() - known.at < renewAfterMs) return;
    const copy = copyOf(book);
    const checksum = checksumOf(book, product);
    kept.set(productId, { book: copy, frame: await writeInTurns(copy, checksum, product), at: Date.now() });
  };
  return {
    prepare: (product) => {
      const { productId } = product;
      let writer = writers.get(productId);
      if (!writer) {
        writer = singleFlight(() => write(product));
        writers.set(productId, writer);
      }
      return writer();
    },
    framesOf: (product) => {
      const { productId } = product;
      const { marketData } = shards.ofProduct(product);
      const known = kept.get(productId);
      const sequence = marketData.feedSequence(productId);
      if (known?.book.sequence === sequence) return [known.frame];
      const book = marketData.book(productId);
      if (known && book.bids.length + book.asks.length > levelsATurn)
        return [known.frame, updateFrame(known.book, book, product)];
      const copy = copyOf(book);
      const [bids, asks] = [textsOf(copy.bids, product), textsOf(copy.asks, product)];
      const frame = textFrame(
        snapshotText(copy, { bids, asks, checksum: checksumOf(book, product), productId }),
      );
      kept.set(productId, { book: copy, frame, at: Date.now() });
      return [frame];
    },
  };
}

function copyOf({ feedSequence, time, bids, asks }: BookSnapshot): Copy {
  const rows = (levels: readonly Level[]): Row[] => levels.map(({ price, size }) => ({ price, size }));
  return { sequence: feedSequence, time, bids: rows(bids), asks: rows(asks) };
}

type Texts = {
  readonly productId: string;
  readonly bids: string;
  readonly asks: string;
  readonly checksum: number;
};

function snapshotText({ time, sequence }: Copy, { productId, bids, asks, checksum }: Texts): string {
  const head = JSON.stringify({
    ...{ type: 'snapshot', product_id: productId, time: iso(time || Date.now()), sequence },
  });
  return `${head.slice(0, -1)},"bids":[${bids}],"asks":[${asks}],"checksum":${checksum}}`;
}

function textsOf(rows: readonly Row[], { tick, lot }: ListedProduct): string {
  return rows
    .map(({ price, size }) => `["${formatAmount(price, tick)}","${formatAmount(size, lot)}"]`)
    .join(',');
}

async function writeInTurns(book: Copy, checksum: number, product: ListedProduct): Promise<Buffer> {
  const half = async (rows: readonly Row[]): Promise<string> => {
    const parts: string[] = [];
    for (let from = 0; from < rows.length; from += levelsATurn) {
      parts.push(textsOf(rows.slice(from, from + levelsATurn), product));
      await nextTurn();
    }
    return parts.join(',');
  };
  const [bids, asks] = [await half(book.bids), await half(book.asks)];
  return textFrame(snapshotText(book, { bids, asks, checksum, productId: product.productId }));
}

/** The new totals of all levels that differ. */
function updateFrame(before: Copy, now: BookSnapshot, product: ListedProduct): Buffer {
  const { tick, lot, productId } = product;
  const changes: [Side, string, string][] = [];
  for (const [side, half] of [
    ['buy', 'bids'],
    ['sell', 'asks'],
  ] as const)
    for (const [price, size] of changedLevels(before[half], now[half]))
      changes.push([side, formatAmount(price, tick), formatAmount(size, lot)]);
  return textFrame(
    JSON.stringify({
      ...{ type: 'l2update', product_id: productId, time: iso(now.time), sequence: now.feedSequence },
      ...{ changes, checksum: checksumOf(now, product) },
    }),
  );
}

function changedLevels(before: readonly Row[], now: readonly Row[]): Map<number, Sum> {
  const sizes = new Map<number, Sum>(before.map(({ price, size }) => [price, size]));
  const changed = new Map<number, Sum>();
  for (const { price, size } of now) {
    if (sizes.get(price) !== size) changed.set(price, size);
    sizes.delete(price);
  }
  for (const price of sizes.keys()) changed.set(price, 0);
  return changed;
}
