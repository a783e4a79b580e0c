import type { BookOrder } from './book.ts';

/** The resting orders of one trader in one product. Their places are in the orders themselves, as in a queue of a level. */
type Own = { count: number; newest: BookOrder | null };

/** Who has how many orders in a product's books, and which. Nobody is kept who has none. */
export class OpenOrders {
  readonly #byTrader = new Map<number, Own>();

  add(order: BookOrder): void {
    let own = this.#byTrader.get(order.traderId);
    if (!own) {
      own = { count: 0, newest: null };
      this.#byTrader.set(order.traderId, own);
    }
    order.older = own.newest;
    if (own.newest) own.newest.newer = order;
    own.newest = order;
    own.count++;
  }

  /** Only one that is there. */
  remove({ traderId, older, newer }: BookOrder): void {
    const own = this.#byTrader.get(traderId)!;
    if (newer) newer.older = older;
    else own.newest = older;
    if (older) older.newer = newer;
    own.count--;
    if (own.count === 0) this.#byTrader.delete(traderId);
  }

  countOf(traderId: number): number {
    return this.#byTrader.get(traderId)?.count ?? 0;
  }

  /** Those that came to rest last come first. */
  *of(traderId: number): Generator<BookOrder> {
    for (let order = this.#byTrader.get(traderId)?.newest ?? null; order; order = order.older) yield order;
  }
}
