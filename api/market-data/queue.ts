/** What may stand in a queue: it knows its neighbours there. */
type Queued<T> = { ahead: T | null; behind: T | null };

/**
 * The orders at one price, first come first. Their places are in the orders themselves: one that leaves costs as little
 * wherever it stands, and a book of millions has no second index of them.
 */
export class Queue<T extends Queued<T>> implements Iterable<T> {
  #size = 0;
  #first: T | null = null;
  #last: T | null = null;

  get size(): number {
    return this.#size;
  }

  join(order: T): void {
    order.ahead = this.#last;
    if (this.#last) this.#last.behind = order;
    else this.#first = order;
    this.#last = order;
    this.#size++;
  }

  leave({ ahead, behind }: T): void {
    if (ahead) ahead.behind = behind;
    else this.#first = behind;
    if (behind) behind.ahead = ahead;
    else this.#last = ahead;
    this.#size--;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let order = this.#first; order; order = order.behind) yield order;
  }
}
