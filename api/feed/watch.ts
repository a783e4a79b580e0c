import type { Side } from '../../core/order.ts';
import type { Report } from '../../core/wire/reports.ts';
import type { Catalogue, ListedProduct } from '../products/catalogue.ts';
import type { Shard } from '../shard/shard.ts';
import type { Shards } from '../shard/shards.ts';
import { type FeedEvent, forEachEvent, type OwnEvent } from './events.ts';

/** What one matching run did to a product. */
export type ProductRun = {
  readonly product: ListedProduct;
  /** The numbers of the product's last event before, and of the last one in here. */
  readonly before: number;
  readonly sequence: number;
  /** Unix milliseconds of the last command. */
  readonly time: number;
  readonly events: readonly FeedEvent[];
};

/** Whoever follows a product, or a trader's events of all products. It may neither wait nor throw. */
export type Watcher = {
  readonly run: (run: ProductRun) => void;
  /** What became of a stop order of the trader before it came in. Told before the run in which it may come in. */
  readonly own?: (event: OwnEvent, product: ListedProduct) => void;
  /** The market data were built anew, so that events may be missing. */
  readonly reset: () => void;
};

/** Tells what happens to those who follow it: not by frames, as the feed does, but as it is. */
export type Watch = {
  /** Returns what ends it. */
  readonly product: (productId: string, watcher: Watcher) => () => void;
  readonly trader: (traderId: number, watcher: Watcher) => () => void;
};

export function createWatch(shards: Shards, catalogue: Catalogue): Watch {
  const ofProducts = new Map<string, Set<Watcher>>();
  const ofTraders = new Map<number, Set<Watcher>>();
  shards.each((shard) => followShard(shard, { ofProducts, ofTraders, catalogue }));
  return {
    product: (productId, watcher) => add(ofProducts, productId, watcher),
    trader: (traderId, watcher) => add(ofTraders, traderId, watcher),
  };
}

function add<K>(watchers: Map<K, Set<Watcher>>, key: K, watcher: Watcher): () => void {
  const known = watchers.get(key) ?? new Set();
  watchers.set(key, known.add(watcher));
  return () => {
    known.delete(watcher);
    if (known.size === 0 && watchers.get(key) === known) watchers.delete(key);
  };
}

type Following = {
  readonly ofProducts: ReadonlyMap<string, ReadonlySet<Watcher>>;
  readonly ofTraders: ReadonlyMap<number, ReadonlySet<Watcher>>;
  readonly catalogue: Catalogue;
};

function followShard({ name, reports, marketData }: Shard, following: Following): void {
  const { ofProducts, ofTraders, catalogue } = following;
  reports.subscribe({
    reset: () => {
      for (const [productId, watchers] of ofProducts)
        if (catalogue.product(productId)?.shard === name) for (const { reset } of watchers) reset();
      for (const watchers of ofTraders.values()) for (const { reset } of watchers) reset();
    },
    reports: (some) => {
      if (ofProducts.size === 0 && ofTraders.size === 0) return;
      const { byProduct, own } = eventsOf(some, marketData.touched());
      for (const event of own) {
        const product = catalogue.product(event.productId);
        if (product)
          for (const watcher of ofTraders.get(event.order.traderId) ?? []) watcher.own?.(event, product);
      }
      for (const [productId, events] of byProduct) {
        // A product that came with this very report is not in the catalogue yet, so nobody follows it.
        const product = catalogue.product(productId);
        if (product) tell(runOf(product, events), following);
      }
    },
  });
}

function eventsOf(...parts: [readonly Report[], ReturnType<Shard['marketData']['touched']>]) {
  const byProduct = new Map<string, FeedEvent[]>();
  const own: OwnEvent[] = [];
  forEachEvent(...parts, {
    event: (event) => {
      const events = byProduct.get(event.productId);
      if (events) events.push(event);
      else byProduct.set(event.productId, [event]);
    },
    own: (event) => own.push(event),
  });
  return { byProduct, own };
}

function runOf(product: ListedProduct, events: readonly FeedEvent[]): ProductRun {
  const [first, last] = [events[0]!, events.at(-1)!];
  const { sequence } = last;
  return { product, before: first.sequence - 1, sequence, time: last.report.command.time, events };
}

function tell(run: ProductRun, { ofProducts, ofTraders }: Following): void {
  for (const watcher of ofProducts.get(run.product.productId) ?? []) watcher.run(run);
  if (ofTraders.size === 0) return;
  const own = new Map<number, FeedEvent[]>();
  for (const event of run.events)
    for (const traderId of partiesOf(event)) {
      if (!ofTraders.has(traderId)) continue;
      const events = own.get(traderId);
      if (events) events.push(event);
      else own.set(traderId, [event]);
    }
  for (const [traderId, events] of own)
    for (const watcher of ofTraders.get(traderId)!) watcher.run({ ...run, events });
}

function partiesOf({ order, taker }: FeedEvent): number[] {
  return taker && taker.traderId !== order.traderId ? [order.traderId, taker.traderId] : [order.traderId];
}

export type ChangedLevel = { readonly side: Side; readonly price: number };

/** The levels that the events of a run have changed, each once. */
export function levelsChangedBy(events: readonly FeedEvent[]): ChangedLevel[] {
  const seen = { buy: new Set<number>(), sell: new Set<number>() };
  for (const { event, order, restedAt } of events) {
    if (restedAt !== null) seen[order.side].add(restedAt);
    if (event.kind === 'open') seen[order.side].add(order.price!);
  }
  return (['buy', 'sell'] as const).flatMap((side) => [...seen[side]].map((price) => ({ side, price })));
}
