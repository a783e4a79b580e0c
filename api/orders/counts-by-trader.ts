import { pageOf, pageSize, slotOf } from '../market-data/trader-pages.ts';

/** A number for each trader. Nothing is kept once they come to 0 together. */
export class CountsByTrader {
  #pages: Int32Array[] = [];
  #sum = 0;

  of(traderId: number): number {
    return this.#pages[pageOf(traderId)]?.[slotOf(traderId)] ?? 0;
  }

  add(traderId: number, more: number): void {
    const at = pageOf(traderId);
    let page = this.#pages[at];
    if (!page) {
      page = new Int32Array(pageSize);
      this.#pages[at] = page;
    }
    page[slotOf(traderId)]! += more;
    this.#sum += more;
    if (this.#sum === 0) this.#pages = [];
  }
}
