import type { BookOrder } from './book.ts';
import { pageOf, pageSize, slotOf } from './trader-pages.ts';

/** What neighbouring traders have. The places of their orders are in the orders themselves, as in a queue of a level. */
type Page = { readonly counts: Int32Array; readonly newest: (BookOrder | null)[]; orders: number };

/** Who has how many orders in a product's books, and which. No page is kept of traders who have none. */
export class OpenOrders {
  readonly #pages: (Page | undefined)[] = [];

  add(order: BookOrder): void {
    const page = this.#pageFor(pageOf(order.traderId));
    const slot = slotOf(order.traderId);
    const newest = page.newest[slot]!;
    order.older = newest;
    if (newest) newest.newer = order;
    page.newest[slot] = order;
    page.counts[slot]!++;
    page.orders++;
  }

  /** Only one that is there. */
  remove({ traderId, older, newer }: BookOrder): void {
    const at = pageOf(traderId);
    const page = this.#pages[at]!;
    const slot = slotOf(traderId);
    if (newer) newer.older = older;
    else page.newest[slot] = older;
    if (older) older.newer = newer;
    page.counts[slot]!--;
    page.orders--;
    if (page.orders === 0) this.#pages[at] = undefined;
  }

  countOf(traderId: number): number {
    return this.#pages[pageOf(traderId)]?.counts[slotOf(traderId)] ?? 0;
  }

  /** Those that came to rest last come first. */
  *of(traderId: number): Generator<BookOrder> {
    const newest = this.#pages[pageOf(traderId)]?.newest[slotOf(traderId)] ?? null;
    for (let order = newest; order; order = order.older) yield order;
  }

  #pageFor(at: number): Page {
    const known = this.#pages[at];
    if (known) return known;
    const page = { counts: new Int32Array(pageSize), newest: new Array(pageSize).fill(null), orders: 0 };
    this.#pages[at] = page;
    return page;
  }
}
