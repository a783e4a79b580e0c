import test from 'ava';
import type { Page, Route } from 'playwright-core';
import { openPage } from '../../scripts/lab/browser/chromium.ts';
import { tradeWatched } from '../../scripts/lab/browser/market.ts';
import { growthOf } from '../../scripts/lab/browser/report.ts';
import { gzippedSize } from '../../scripts/lab/browser/size.ts';
import { hasBrowser, inBrowser, useSite } from '../support/browser.ts';
import { type FeedProxy, openFeedProxy } from '../support/feed-proxy.ts';
import type { Client } from '../support/http.ts';
import { enterAsDemo, ladderIsProven, ladderRow } from '../support/trading-page.ts';
import { until } from '../support/until.ts';

const site = useSite();
let proxy: FeedProxy;
let trader: Client;
test.serial.before(async () => {
  if (!hasBrowser) return;
  proxy = await openFeedProxy(site.exchange.baseUrl);
  trader = await site.exchange.trader(41);
});
test.after.always(() => proxy?.close());

const open = (product: string) => openPage(site.browser, `${proxy.url}/#/${product}`);
const order = (product_id: string, side: 'buy' | 'sell', price: string, size: string) =>
  trader.post('/orders', { product_id, side, price, size });
const sizeAt = (page: Page, price: string) => ladderRow(page, 'buy', price).locator('.size').innerText();

inBrowser(
  'a lost change of the book dims the ladder, and nothing in it can be clicked until a checksum agrees',
  async (t) => {
    const product = await site.exchange.addProduct();
    await order(product, 'buy', '4.00', '5');
    const { page, complaints, context } = await open(product);
    await ladderIsProven(page);
    t.is(await sizeAt(page, '4.00'), '5');

    const lost = proxy.lose('l2update');
    const snapshot = proxy.hold('snapshot');
    await order(product, 'buy', '4.00', '2');
    await lost;
    // A checksum comes with a change each second or so.
    const broken = page.waitForSelector('.ladder.is-stale').then(() => true);
    for (let size = 1; !(await Promise.race([broken, page.waitForTimeout(300)])); size++)
      await order(product, 'buy', '3.00', String(size));
    await snapshot.held;
    const row = ladderRow(page, 'buy', '4.00');
    t.is(await sizeAt(page, '4.00'), '5', 'what was there is shown, dimmed');
    t.is(await page.locator('.ladder-row:not(.is-empty):not(:disabled)').count(), 0);
    await row.click({ force: true });
    t.is(await page.getByLabel('Price', { exact: true }).inputValue(), '');

    snapshot.letGo();
    await ladderIsProven(page);
    t.is(await sizeAt(page, '4.00'), '7');
    await row.click();
    t.is(await page.getByLabel('Price', { exact: true }).inputValue(), '4.00');
    t.deepEqual(complaints, []);
    await context.close();
  },
);

inBrowser(
  'a lost trade is fetched: because the next has a later number, or because a heartbeat has',
  async (t) => {
    const product = await site.exchange.addProduct();
    const { page, complaints, context } = await open(product);
    await ladderIsProven(page);
    const tradeAt = async (price: string): Promise<void> => {
      await order(product, 'sell', price, '1');
      await order(product, 'buy', price, '1');
    };
    const prices = () => page.locator('.tape-rows .price').allInnerTexts();
    await tradeAt('1.00');
    await until(async () => (await prices()).length === 1);
    for (const [price, next] of [
      ['2.00', '3.00'],
      ['4.00', null],
    ] as const) {
      const lost = proxy.lose('match');
      await tradeAt(price);
      await lost;
      if (next) await tradeAt(next);
      await page.locator('.tape-rows li', { hasText: price }).waitFor();
    }
    t.deepEqual(await prices(), ['4.00', '3.00', '2.00', '1.00']);
    t.deepEqual(complaints, []);
    await context.close();
  },
);

/** Answers to such requests of the page wait until they are let go. */
async function holdAnswers(
  page: Page,
  path: RegExp,
): Promise<{ asked: Promise<void>; letGo: () => Promise<void> }> {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const waiting: Route[] = [];
  await page.route(path, (route) => {
    waiting.push(route);
    resolve();
  });
  return {
    asked,
    letGo: async () => {
      const answered = waiting.map((route) => page.waitForResponse(route.request().url()));
      for (const route of waiting.splice(0)) await route.continue();
      await Promise.all(answered);
    },
  };
}

inBrowser(
  'answers about the product before that come late are shown nowhere, nor are those of another trader',
  async (t) => {
    const [one, other] = [await site.exchange.addProduct(), await site.exchange.addProduct()];
    const own = await site.exchange.trader(1);
    await order(one, 'sell', '2.22', '1');
    await own.post('/orders', { product_id: one, side: 'buy', price: '2.22', size: '1' });
    const opened = await open(one);
    const { page } = opened;
    await enterAsDemo(opened);
    await page.getByRole('tab', { name: 'Fills' }).click();
    await page.locator('.activity tbody tr', { hasText: '2.22' }).waitFor();
    await page.evaluate(`location.hash = '#/${other}'`);
    await page.locator('.chart-note', { hasText: 'No trade yet' }).waitFor();

    const [trades, fills] = [
      await holdAnswers(page, new RegExp(`/products/${one}/trades`)),
      await holdAnswers(page, new RegExp(`/fills\\?.*${one}`)),
    ];
    await page.evaluate(`location.hash = '#/${one}'`);
    await Promise.all([trades.asked, fills.asked]);
    await page.evaluate(`location.hash = '#/${other}'`);
    await page.locator('.activity .empty', { hasText: /No fill/ }).waitFor();
    await page.locator('.chart-note', { hasText: 'No trade yet' }).waitFor();
    await Promise.all([trades.letGo(), fills.letGo()]);
    await page.waitForTimeout(300);
    t.is(await page.locator('.activity tbody tr').count(), 0);
    t.is(await page.locator('.tape-rows li').count(), 0);
    t.is(await page.locator('.chart-note').count(), 1, 'a trade of another product is drawn');

    const openOrders = await holdAnswers(page, /\/orders\?/);
    await own.post('/orders', { product_id: other, side: 'buy', price: '1.11', size: '1' });
    await openOrders.asked;
    await page.getByRole('button', { name: /^Trader 1/ }).click();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByText('once you are logged in').waitFor();
    await page.unroute(/\/orders\?/);
    await openOrders.letGo();
    await page.waitForTimeout(300);
    t.is(await page.locator('.tabs .count').count(), 0);
    await opened.context.close();
  },
);

inBrowser('the page is not larger than 120 kB by gzip, without fonts', (t) => {
  t.true(gzippedSize() <= 120_000, `${gzippedSize()} bytes`);
});

inBrowser(
  'minutes of market in seconds leave the ladder the book of the server, and the memory flat',
  async (t) => {
    const productId = await site.exchange.addProduct();
    const { page, complaints, context } = await open(productId);
    await ladderIsProven(page);
    const { exchange } = site;
    const watched = await tradeWatched(page, { exchange, productId, seed: 3, rate: 200, seconds: 3 });
    t.is(watched.orders, 500 + 3 * 200);
    t.deepEqual(watched.ladder.shown, watched.ladder.held);
    t.true(watched.ladder.isEqual);
    t.is(watched.breaks, 0);
    t.true(growthOf(watched.heaps) < 4, `${watched.heaps} MB`);
    t.deepEqual(complaints, []);
    await context.close();
  },
);
