import type { ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { type Opened, openPage } from '../../scripts/lab/browser/chromium.ts';
import { inBrowser, useSite } from '../support/browser.ts';
import { execute } from '../support/database.ts';
import { enterAsDemo, ladderIsProven, seriousFindings, signUp } from '../support/trading-page.ts';
import { until } from '../support/until.ts';

const site = useSite({ RATE_LIMITS: 'off' });

const open = (path: string, screen = {}): Promise<Opened> =>
  openPage(site.browser, `${site.exchange.baseUrl}/${path}`, screen);

async function enterAsOperator({ page }: Opened, token: string): Promise<void> {
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('tab', { name: 'Token' }).click();
  await page.getByLabel('Bearer token').fill(token);
  await page.locator('dialog form').getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('link', { name: 'Operator' }).waitFor();
}

const lineWith = (page: Page, text: string) => page.locator('.room article', { hasText: text });

async function close(t: ExecutionContext, ...all: readonly Opened[]): Promise<void> {
  for (const { complaints, context } of all) {
    t.deepEqual(complaints, []);
    await context.close();
  }
}

const script = `<img src=x onerror="document.title='taken over'"><script>document.title='taken over'</script>`;

inBrowser(
  'two people talk in a room, by the keyboard; what they write is text, whatever it looks like',
  async (t) => {
    const product = await site.exchange.addProduct();
    const [ash, misty] = [await open(`#/${product}`), await open(`#/${product}`)];
    await ash.page.getByText('Nobody has said anything here yet.').waitFor();
    await ash.page.getByRole('button', { name: 'Log in to say something' }).waitFor();
    await Promise.all([signUp(ash, 'ash'), signUp(misty, 'misty')]);
    await ash.page.locator('#room-text').waitFor();
    await ash.page.locator('body').press('c');
    await ash.page.keyboard.type('Is this the real card?');
    await ash.page.keyboard.press('Enter');
    await lineWith(misty.page, 'Is this the real card?').waitFor();
    await misty.page.locator('#room-text').fill(script);
    await misty.page.locator('#room-text').press('Enter');
    for (const { page } of [ash, misty]) {
      await lineWith(page, script).waitFor();
      t.is(await page.locator('.room article').count(), 2);
      t.is(await page.locator('.room article :is(img, script)').count(), 0);
      t.is(await page.title(), `${product} · Cardstock`);
    }
    const log = misty.page.getByRole('log', { name: 'What is said' });
    t.notRegex(await log.innerText(), /ash|misty/);
    t.is(await misty.page.locator('#room-text').inputValue(), '');
    await close(t, ash, misty);
  },
);

inBrowser('an operator removes what was said and mutes who said it', async (t) => {
  const product = await site.exchange.addProduct();
  const [writer, operator] = [await open(`#/${product}`), await open(`#/${product}`)];
  await enterAsDemo(writer);
  await writer.page.locator('#room-text').fill('come to my other page');
  await writer.page.getByRole('button', { name: 'Say', exact: true }).click();
  await enterAsOperator(operator, site.exchange.operatorToken);
  t.is(await operator.page.locator('#room-text').count(), 0);
  await operator.page.getByRole('button', { name: /^Remove what trader-\w+ said$/ }).click();
  for (const { page } of [writer, operator]) {
    await lineWith(page, 'Removed by an operator').waitFor();
    t.is(await lineWith(page, 'come to my other page').count(), 0);
  }
  t.is(await writer.page.getByRole('button', { name: /^Remove/ }).count(), 0);
  await operator.page.getByRole('button', { name: 'Mute trader 1', exact: true }).click();
  await operator.page.getByText('Trader 1 is muted').waitFor();
  await writer.page.locator('#room-text').fill('why?');
  await writer.page.locator('#room-text').press('Enter');
  await writer.page.getByText('Operators have muted you in rooms').waitFor();
  t.is(await writer.page.locator('#room-text').inputValue(), 'why?');
  await operator.page.getByRole('link', { name: 'Operator' }).click();
  const traders = operator.page.locator('[aria-label=Traders]');
  await traders.getByLabel('From trader').fill('1');
  await traders.getByRole('button', { name: 'Look' }).click();
  await traders.getByRole('button', { name: 'Unmute trader 1', exact: true }).click();
  await operator.page.getByText('Trader 1 is no longer muted in rooms').waitFor();
  await writer.page.locator('#room-text').press('Enter');
  await lineWith(writer.page, 'why?').waitFor();
  t.deepEqual(operator.complaints, []); // the writer's browser notes the refusal
  await Promise.all([writer.context.close(), operator.context.close()]);
});

inBrowser('a room can be closed, which the browser remembers, and shows what is older', async (t) => {
  const product = await site.exchange.addProduct();
  const trader = await site.exchange.trader(40);
  for (let i = 0; i < 60; i++) await trader.post(`/products/${product}/messages`, { text: `line ${i}.` });
  const opened = await open(`#/${product}`);
  const { page } = opened;
  await lineWith(page, 'line 59.').waitFor();
  t.is(await page.locator('.room article').count(), 50);
  await page.getByRole('button', { name: 'Older' }).click();
  await lineWith(page, 'line 0.').waitFor();
  t.is(await page.locator('.room article').count(), 60);
  t.is(await page.getByRole('button', { name: 'Older' }).count(), 0);
  await page.getByRole('button', { name: 'Close the room' }).click();
  await page.locator('.room').waitFor({ state: 'detached' });
  await page.reload();
  await ladderIsProven(page);
  t.is(await page.locator('.room').count(), 0);
  await page.getByRole('button', { name: 'Room', exact: true }).click();
  await lineWith(page, 'line 59.').waitFor();
  await close(t, opened);
});

for (const theme of ['dark', 'light'] as const)
  inBrowser(`axe finds nothing serious in a room, ${theme}; on a phone it has a tab`, async (t) => {
    const product = await site.exchange.addProduct();
    await (await site.exchange.trader(41)).post(`/products/${product}/messages`, { text: 'x'.repeat(500) });
    const opened = await open(`#/${product}`, { theme });
    const { page } = opened;
    await enterAsDemo(opened);
    await lineWith(page, 'xxx').waitFor();
    t.deepEqual(await seriousFindings(page), []);
    const heights = await page.evaluate('[document.documentElement.scrollHeight, innerHeight]');
    t.deepEqual(heights, [720, 720]);
    await page.setViewportSize({ width: 360, height: 720 });
    await page.locator('.phone-tabs').getByRole('button', { name: 'Room' }).click();
    await lineWith(page, 'xxx').waitFor({ state: 'visible' });
    t.is(await page.evaluate('document.documentElement.scrollWidth'), 360);
    t.deepEqual(await seriousFindings(page), []);
    await close(t, opened);
  });

inBrowser('a link that is copied opens the same product, granularity and trade', async (t) => {
  const product = await site.exchange.addProduct();
  const trader = await site.exchange.trader(42);
  const trade = async (price: string, size: string): Promise<void> => {
    for (const side of ['sell', 'buy'])
      await trader.post('/orders', { product_id: product, side, price, size });
  };
  await trade('5.25', '3');
  await trade('5.50', '4');
  const sharing = await open(`#/${product}`);
  await sharing.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await enterAsDemo(sharing);
  await sharing.page.getByRole('radio', { name: '5m', exact: true }).click();
  await sharing.page.locator('.tape-rows li', { hasText: '5.25' }).getByRole('button').click();
  await sharing.page.getByText('Trade 1: 3 at 5.25').waitFor();
  await sharing.page.getByRole('button', { name: 'Copy a link to this' }).click();
  await sharing.page.getByText('The link is copied').waitFor();
  const url = await sharing.page.evaluate<string>('navigator.clipboard.readText()');
  t.regex(url, /\/s\/[0-9A-Za-z]{8}$/);

  const shown = await openPage(site.browser, url);
  await shown.page.getByText('Trade 1: 3 at 5.25').waitFor();
  await shown.page.locator('.ticker-line h1', { hasText: product.replace('-', '/') }).waitFor();
  t.is(await shown.page.getByRole('radio', { name: '5m', exact: true }).getAttribute('aria-checked'), 'true');
  await shown.page.locator('.tape-rows li.is-linked', { hasText: '5.25' }).waitFor();
  await shown.page.getByRole('link', { name: 'Now', exact: true }).click();
  await shown.page.getByText('Trade 1: 3 at 5.25').waitFor({ state: 'detached' });
  await shown.page.getByRole('button', { name: 'Copy a link to this' }).waitFor();
  await close(t, sharing, shown);
});

inBrowser(
  'a link to a range shows it, also where nothing was traded; one that is not there is told',
  async (t) => {
    const product = await site.exchange.addProduct();
    const trader = await site.exchange.trader(43);
    const range = { start: '2026-01-31T12:00:00Z', end: '2026-01-31T18:00:00Z' };
    const { body } = await trader.post('/links', { product_id: product, granularity: 900, ...range });
    const opened = await openPage(site.browser, body.url);
    await opened.page.getByText('There was no trade at that time.').waitFor();
    t.is(
      await opened.page.getByRole('radio', { name: '15m', exact: true }).getAttribute('aria-checked'),
      'true',
    );
    await opened.page.getByRole('link', { name: 'Now', exact: true }).click();
    await opened.page.getByText('No trade yet: the first candle').waitFor();
    await execute(
      site.exchange.databaseUrl,
      `insert into candles
      select '${product}', extract(epoch from timestamptz '2026-01-31 00:00Z') / 60 + n, n, n, 500, 510 + n % 50, 490, 505, 3
      from generate_series(1, 1200) as n`,
    );
    await opened.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await opened.page.goto(body.url);
    // Whoever is not logged in copies the page's own address, which says what can be seen of the candles.
    const copied = async (): Promise<string> => {
      await opened.page.getByRole('button', { name: 'Copy a link to this' }).click();
      return opened.page.evaluate<string>('navigator.clipboard.readText()');
    };
    await until(async () => /granularity=900&start=2026-01-31T.*&end=2026-01-31T1/.test(await copied()));
    await close(t, opened);
    const lost = await openPage(site.browser, `${site.exchange.baseUrl}/s/zzzzzzzz`);
    await lost.page.getByText('There is no such link. Here is the market.').waitFor();
    await ladderIsProven(lost.page);
    t.is(new URL(lost.page.url()).pathname, '/');
    await lost.context.close();
  },
);
