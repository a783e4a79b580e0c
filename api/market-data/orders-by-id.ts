import type { BookOrder } from './book.ts';

/** Ids of a page. */
const pageSize = 4_096;

/**
 * Orders by their ids, in pages of neighbouring ones. Ids grow, so that nearly everything that changes is in the newest page;
 * one map of millions lies all over the memory, and is copied whole whenever it has grown.
 */
export class OrdersById {
  readonly #pages = new Map<number, Map<number, BookOrder>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(orderId: number): BookOrder | undefined {
    return this.#pages.get(pageOf(orderId))?.get(orderId);
  }

  add(order: BookOrder): void {
    const at = pageOf(order.orderId);
    let page = this.#pages.get(at);
    if (!page) {
      page = new Map();
      this.#pages.set(at, page);
    }
    page.set(order.orderId, order);
    this.#size++;
  }

  /** Only one that is there. */
  remove(orderId: number): void {
    const at = pageOf(orderId);
    const page = this.#pages.get(at)!;
    page.delete(orderId);
    if (page.size === 0) this.#pages.delete(at);
    this.#size--;
  }
}

function pageOf(orderId: number): number {
  return Math.floor(orderId / pageSize);
}
