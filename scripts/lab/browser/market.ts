// A market that is pressed together in time, as a page shows it: is its ladder the server's book, and does its memory stay?

import type { Page } from 'playwright-core';
import { openFeed } from '../../../clients/typescript/src/feed.ts';
import { createRest } from '../../../clients/typescript/src/rest.ts';
import { watchBook } from '../../../clients/typescript/src/watch-book.ts';
import { sleep } from '../../../core/lifecycle.ts';
import { type Exchange, runDemo } from '../demo/run.ts';

export type Rows = { readonly asks: readonly string[]; readonly bids: readonly string[] };

/** Prices and sizes that the ladder shows, best first. */
export async function ladderOf(page: Page): Promise<Rows> {
  const rowsOf = (side: string) =>
    page.evaluate<string[]>(`[...document.querySelectorAll('.ladder-row.${side}')].map((row) =>
      ['.price', '.size'].map((cell) => row.querySelector(cell).lastChild.textContent).join(' '))`);
  const [asks, bids] = await Promise.all([rowsOf('sell'), rowsOf('buy')]);
  return { asks: asks.reverse().map(plain), bids: bids.map(plain) };
}

/** Without what only helps eyes: marks between thousands, zeros behind. */
function plain(row: string): string {
  const [price, size] = row.replaceAll(/[^\d. ]/g, '').split(' ');
  return `${Number(price)} ${Number(size)}`;
}

export type LadderCheck = { readonly isEqual: boolean; readonly shown: Rows; readonly held: Rows };

const settlingMs = 15_000;

/** Holds the ladder against the server's book, once nothing changes any more. */
export async function checkLadder(page: Page, baseUrl: string, productId: string): Promise<LadderCheck> {
  const rest = createRest({ baseUrl });
  const deadline = performance.now() + settlingMs;
  while (true) {
    const book = await rest.book(productId);
    const shown = await ladderOf(page);
    const best = (levels: readonly (readonly unknown[])[], depth: number) =>
      levels.slice(0, depth).map(([price, size]) => plain(`${price} ${size}`));
    const held = { asks: best(book.asks, shown.asks.length), bids: best(book.bids, shown.bids.length) };
    const isEqual = shown.bids.length > 0 && JSON.stringify(shown) === JSON.stringify(held);
    if (isEqual || performance.now() > deadline) return { isEqual, shown, held };
    await sleep(100);
  }
}

/** What the page's scripts keep, in megabytes, after all garbage is gone. */
export async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  try {
    for (let turn = 0; turn < 2; turn++) await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return usedSize / 2 ** 20;
  } finally {
    await session.detach();
  }
}

export type Traded = {
  readonly orders: number;
  /** Of prices in the book, as the feed told them. */
  readonly changes: number;
  readonly seconds: number;
};

export type TradeOptions = {
  readonly exchange: Exchange;
  readonly productId: string;
  readonly seed: number;
  /** Orders a second. */
  readonly rate: number;
  readonly seconds: number;
};

/** Lets the crowd of `npm run demo` trade one product for so long. */
export async function trade({ exchange, productId, ...options }: TradeOptions): Promise<Traded> {
  let changes = 0;
  const feed = openFeed({ url: `${exchange.baseUrl.replace('http', 'ws')}/feed` });
  const watch = watchBook(feed, productId, {
    onChange: (_book, message) => {
      if (message?.type === 'l2update') changes += message.changes.length;
    },
  });
  const startedAt = performance.now();
  const { placed } = await runDemo(
    exchange,
    { ...options, traders: 300, products: [productId] },
    new AbortController().signal,
    () => {},
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  watch.close();
  feed.close();
  return { orders: placed, changes, seconds };
}

export type Watched = Traded & {
  /** Of the page, in megabytes, at equal distances. */
  readonly heaps: readonly number[];
  /** How often the ladder was not proven for a while. */
  readonly breaks: number;
  readonly ladder: LadderCheck;
};

const noteBreaks = `
  window.breaks = 0;
  new MutationObserver(([{ target }]) => { if (target.matches('.is-stale')) window.breaks++; })
    .observe(document.querySelector('.ladder'), { attributeFilter: ['class'] });`;
const samples = 6;

/** Trades while a page looks on. */
export async function tradeWatched(page: Page, options: TradeOptions): Promise<Watched> {
  await page.evaluate(noteBreaks);
  const heaps: number[] = [];
  let isOver = false;
  const trading = trade(options).finally(() => {
    isOver = true;
  });
  const sampling = (async () => {
    while (!isOver) {
      await Promise.race([sleep((options.seconds * 1_000) / samples), trading]);
      heaps.push(await heapOf(page));
    }
  })();
  const [traded] = await Promise.all([trading, sampling]);
  const ladder = await checkLadder(page, options.exchange.baseUrl, options.productId);
  return { ...traded, heaps, ladder, breaks: Number(await page.evaluate('window.breaks')) };
}
