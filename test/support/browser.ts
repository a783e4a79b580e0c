import test from 'ava';
import type { Browser } from 'playwright-core';
import { hasBrowser, openBrowser } from '../../scripts/lab/browser/chromium.ts';
import { buildPage } from '../../scripts/launcher/page.ts';
import { type Exchange, startExchange } from './exchange.ts';

/** Tests in a browser are left out, each by its title, where there is none. */
if (!hasBrowser)
  process.stdout.write(
    'There is no Chromium here, so the tests of the page are left out: apt-get install chromium\n',
  );

export { hasBrowser };

export const inBrowser = hasBrowser ? test.serial : test.serial.skip;

/** What all tests of a file share. There is nothing of it without a browser. */
export type Site = { readonly exchange: Exchange; readonly browser: Browser };

/** Starts an exchange with the page, and a browser, before the tests of a file. */
export function useSite(env: Readonly<Record<string, string>> = {}): Site {
  let exchange: Exchange | undefined;
  let browser: Browser | undefined;
  test.serial.before(async () => {
    if (!hasBrowser) return;
    await buildPage();
    exchange = await startExchange({ env: { DEMO_LOGIN: 'on', ...env } });
    browser = await openBrowser();
  });
  test.after.always(async () => {
    await browser?.close();
    await exchange?.stop();
  });
  return {
    get exchange() {
      return exchange!;
    },
    get browser() {
      return browser!;
    },
  };
}
