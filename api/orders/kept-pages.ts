import type { BookEvent, Report } from '../../core/wire/reports.ts';
import type { ListedText } from '../http/listed.ts';
import type { Catalogue, ListedProduct } from '../products/catalogue.ts';
import type { Shard } from '../shard/shard.ts';
import type { Seen, Shards } from '../shard/shards.ts';

/** `key` says all that the answer depends on, but for the trader. */
export type AskedPage = { readonly traderId: number; readonly key: string };

export type ReadPage = {
  readonly answer: ListedText;
  /** By which its rows were presented. */
  readonly products: readonly ListedProduct[];
};

type KeptPage = ReadPage & { readonly reached: Seen['reached'] };

/** A trader who asks for pages: what concerned it last in each shard, as far as the process has read its events. */
type Watched = { readonly touched: Map<string, number>; readonly pages: Map<string, KeptPage> };

const mostTraders = 1_000;
const mostPagesOfOne = 4;
/** In characters: of one page, and of all. */
const largestPage = 64 * 1_024;
const mostKept = 32 * 1_024 * 1_024;

/**
 * Pages of traders' orders, as texts, each kept for as long as nothing concerns its trader. A page shows everything up to the sequences
 * that PostgreSQL had reached by then. It is as good as a new one while no later event concerns the trader, and this process has
 * read the events up to where a new one would have to be.
 */
export class KeptPages {
  readonly #shards: Shards;
  readonly #catalogue: Pick<Catalogue, 'product'>;
  /** Who asked last comes last. */
  readonly #traders = new Map<number, Watched>();
  #size = 0;

  constructor(shards: Shards, catalogue: Pick<Catalogue, 'product'>) {
    this.#shards = shards;
    this.#catalogue = catalogue;
    shards.each((shard) =>
      shard.reports.subscribe({
        reset: () => {
          for (const traderId of [...this.#traders.keys()]) this.#forget(traderId);
        },
        reports: (reports, entry) => {
          if (this.#traders.size > 0)
            forEachConcerned(shard, reports, (traderId) => this.#touch(traderId, shard.name, entry.last));
        },
      }),
    );
  }

  /** The page that was answered to the same question, if PostgreSQL would answer the same now. */
  find({ traderId, key }: AskedPage, seen: Seen): ListedText | null {
    if (!this.#isWhole(seen)) return null;
    const watched = this.#watch(traderId, seen);
    const page = watched.pages.get(key);
    return page && this.#isGood(watched, page, seen) ? page.answer : null;
  }

  /** Keeps what was read after `seen`, and asked for by `find` before. */
  keep({ traderId, key }: AskedPage, seen: Seen, page: ReadPage): void {
    const watched = this.#traders.get(traderId);
    if (!watched || !this.#isWhole(seen) || page.answer.text.length > largestPage) return;
    if (!isUntouched(watched, seen.reached)) return;
    this.#drop(watched, key);
    if (watched.pages.size === mostPagesOfOne) this.#drop(watched, watched.pages.keys().next().value!);
    watched.pages.set(key, { ...page, reached: seen.reached });
    this.#size += page.answer.text.length;
    while (this.#size > mostKept) this.#forgetOldest();
  }

  #isWhole({ away, reached }: Seen): boolean {
    return (
      away.length === 0 && [...reached.keys()].every((name) => this.#shards.named(name).marketData.isThere())
    );
  }

  /** What came before a trader was watched may have concerned it. */
  #watch(traderId: number, { reached }: Seen): Watched {
    const watched = this.#traders.get(traderId) ?? { touched: new Map(), pages: new Map() };
    for (const name of reached.keys())
      if (!watched.touched.has(name))
        watched.touched.set(name, this.#shards.named(name).marketData.sequence());
    this.#traders.delete(traderId);
    this.#traders.set(traderId, watched);
    if (this.#traders.size > mostTraders) this.#forgetOldest();
    return watched;
  }

  #isGood(watched: Watched, { products, reached }: KeptPage, seen: Seen): boolean {
    const isRead = ([name, sequence]: [string, number]): boolean =>
      reached.has(name) && this.#shards.named(name).marketData.sequence() >= sequence;
    return (
      products.every((product) => this.#catalogue.product(product.productId) === product) &&
      reached.size === seen.reached.size &&
      [...seen.reached].every(isRead) &&
      isUntouched(watched, reached)
    );
  }

  #touch(traderId: number, shard: string, sequence: number): void {
    const watched = this.#traders.get(traderId);
    if (!watched) return;
    watched.touched.set(shard, sequence);
    for (const key of watched.pages.keys()) this.#drop(watched, key);
  }

  #drop(watched: Watched, key: string): void {
    this.#size -= watched.pages.get(key)?.answer.text.length ?? 0;
    watched.pages.delete(key);
  }

  #forget(traderId: number): void {
    const watched = this.#traders.get(traderId);
    for (const key of watched?.pages.keys() ?? []) this.#drop(watched!, key);
    this.#traders.delete(traderId);
  }

  #forgetOldest(): void {
    this.#forget(this.#traders.keys().next().value!);
  }
}

/** Nothing is known to concern the trader beyond these sequences. */
function isUntouched({ touched }: Watched, reached: Seen['reached']): boolean {
  return [...reached].every(
    ([name, sequence]) => (touched.get(name) ?? Number.POSITIVE_INFINITY) <= sequence,
  );
}

/** Those whose rows a matching run may have changed: who commanded, who traded, whose orders rested or waited. */
function forEachConcerned(
  { marketData }: Shard,
  reports: readonly Report[],
  touch: (traderId: number) => void,
): void {
  for (const { command, events } of reports) {
    if ('traderId' in command) touch(command.traderId);
    for (const event of events) for (const traderId of partiesOf(event)) touch(traderId);
  }
  // Events name what rested by its id alone.
  for (const { traderId } of marketData.touched()) touch(traderId);
}

function partiesOf(event: BookEvent): readonly number[] {
  if (event.kind === 'match') return [event.makerTraderId, event.takerTraderId];
  return 'traderId' in event ? [event.traderId] : [];
}
