import type { Browser } from 'playwright-core';
import { openPage } from './chromium.ts';

/** Notes when the ladder is proven first: by then the ticket takes an order as well. */
const noteWhen = `
  window.interactive = new Promise((resolve) => {
    const look = () => {
      if (document.querySelector('.ladder:not(.is-stale)') && document.querySelector('button.submit'))
        resolve(performance.now());
      else requestAnimationFrame(look);
    };
    document.addEventListener('DOMContentLoaded', look);
  });`;

/** Milliseconds from the navigation on until the page can be traded with; each time in a browser window that has nothing of it yet. */
export async function timesToInteractive(browser: Browser, url: string, times: number): Promise<number[]> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const { page, context } = await openPage(browser, url, { before: noteWhen });
    taken.push(await page.evaluate<number>('window.interactive'));
    await context.close();
  }
  return taken;
}
