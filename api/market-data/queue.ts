import type { BookOrder } from './book.ts';

/**
 * The orders at one price, first come first. Their places are in the orders themselves: one that leaves costs as little
 * wherever it stands, and a book of millions has no second index of them.
 */
export class Queue implements Iterable<BookOrder> {
  #size = 0;
  #first: BookOrder | null = null;
  #last: BookOrder | null = null;

  get size(): number {
    return this.#size;
  }

  join(order: BookOrder): void {
    order.ahead = this.#last;
    if (this.#last) this.#last.behind = order;
    else this.#first = order;
    this.#last = order;
    this.#size++;
  }

  leave({ ahead, behind }: BookOrder): void {
    if (ahead) ahead.behind = behind;
    else this.#first = behind;
    if (behind) behind.ahead = ahead;
    else this.#last = ahead;
    this.#size--;
  }

  *[Symbol.iterator](): Generator<BookOrder> {
    for (let order = this.#first; order; order = order.behind) yield order;
  }
}
