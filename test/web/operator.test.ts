import type { ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { shardKeys } from '../../core/keys.ts';
import { openPage, type Screen } from '../../scripts/lab/browser/chromium.ts';
import { inBrowser, useSite } from '../support/browser.ts';
import { enterWithToken, leave, seriousFindings } from '../support/trading-page.ts';
import { until } from '../support/until.ts';

const site = useSite();

const open = (product: string, screen?: Screen) =>
  openPage(site.browser, `${site.exchange.baseUrl}/#/${product}`, screen);

inBrowser(
  'an operator pauses a product, freezes a trader and moves money; axe finds nothing serious',
  async (t) => {
    const product = await site.exchange.addProduct();
    const opened = await open(product);
    const { page } = opened;
    await enterWithToken(opened, site.exchange.operatorToken);
    await page.getByRole('link', { name: 'Operator' }).click();
    await page.getByLabel(`Status of ${product}`).selectOption('cancel_only');
    await page.getByText(`${product} is cancel_only`).waitFor();
    t.is((await site.exchange.anonymous.get(`/products/${product}`)).body.cancel_only, true);
    await site.exchange.trader(34);
    const traders = page.locator('[aria-label=Traders]');
    await traders.getByLabel('From trader').fill('34');
    await traders.getByRole('button', { name: 'Look' }).click();
    await traders.getByRole('button', { name: 'Freeze trader 34', exact: true }).click();
    await page.getByText('Trader 34 is frozen').waitFor();
    await traders.getByLabel('Frozen only').check();
    await traders.getByRole('button', { name: 'Unfreeze trader 34' }).click();
    await page.getByText('Trader 34 is no longer frozen').waitFor();
    await page.locator('[aria-label=Money]').getByLabel('Trader').fill('34');
    await page.locator('[aria-label=Money]').getByLabel('Amount').fill('12.50');
    await page.getByRole('button', { name: 'Deposit' }).click();
    await page.getByText('Deposited 12.50 USD, trader 34').waitFor();
    await page.getByRole('button', { name: 'Look again' }).click();
    const done = page.locator('[aria-label="What operators did"] tbody tr');
    t.regex(await done.filter({ hasText: `PUT /products/${product}` }).innerText(), /status cancel_only/);
    await done.filter({ hasText: 'POST /deposits' }).first().waitFor();
    t.deepEqual(await seriousFindings(page), []);
    await leave(t, opened);
  },
);

/** For as long as the page is at the end of the dialog before, its keys are that dialog's. */
function showKeys(page: Page): Promise<void> {
  const keys = page.getByRole('dialog', { name: 'Keys' });
  return until(async () => {
    await page.keyboard.press('?');
    return keys.waitFor({ timeout: 2_000 }).then(
      () => true,
      () => false,
    );
  });
}

/** Each view that the tests of trading do not look at, at this size and in this theme. */
async function checkViews(t: ExecutionContext, screen: Screen): Promise<void> {
  const opened = await open(await site.exchange.addProduct(), screen);
  const { page } = opened;
  await page.locator('.ladder:not(.is-stale)').waitFor({ state: 'attached' });
  const isPhone = screen.width !== undefined;
  const check = async (view: string): Promise<void> => {
    t.deepEqual(await seriousFindings(page), [], `${view} ${JSON.stringify(screen)}`);
    if (isPhone) t.is(await page.evaluate('document.documentElement.scrollWidth'), screen.width, view);
  };
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  for (const way of ['Token', 'Sign up', 'Log in']) {
    await page.getByRole('tab', { name: way, exact: true }).click();
    await check(way);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await showKeys(page);
  await check('keys');
  await page.keyboard.press('Escape');
  await enterWithToken(opened, site.exchange.operatorToken);
  await page.getByRole('link', { name: 'Operator' }).click();
  await page.locator('[aria-label="What operators did"] tbody tr').first().waitFor();
  await page.locator('[aria-label="State of the exchange"] tbody tr').first().waitFor();
  await check('operator');
  await page.getByRole('button', { name: 'Operator', exact: true }).click();
  await page.getByRole('dialog').waitFor();
  await check('account of an operator');
  await leave(t, opened);
}

inBrowser('axe finds nothing serious on the doors, the keys and the view of operators, dark', (t) =>
  checkViews(t, { theme: 'dark' }),
);
inBrowser('axe finds nothing serious on the doors, the keys and the view of operators, light', (t) =>
  checkViews(t, { theme: 'light' }),
);
inBrowser('nor on a phone, where nothing scrolls sideways', (t) =>
  checkViews(t, { theme: 'light', width: 360, height: 720 }),
);

inBrowser(
  'on a phone a trader with orders, fills and balances scrolls nothing sideways either',
  async (t) => {
    const product = await site.exchange.addProduct();
    const [own, other] = [await site.exchange.trader(1), await site.exchange.trader(36)];
    const order = { product_id: product, price: '123.45', size: '999' };
    await other.post('/orders', { ...order, side: 'sell' });
    await own.post('/orders', { ...order, side: 'buy' });
    await own.post('/orders', { ...order, side: 'buy', price: '1.00' });
    const opened = await open(product, { width: 360, height: 720 });
    const { page } = opened;
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Trade as a demo trader' }).click();
    await page.getByRole('button', { name: /^Trader 1/ }).waitFor();
    const check = async (view: string): Promise<void> => {
      t.is(await page.evaluate('document.documentElement.scrollWidth'), 360, view);
    };
    await page.locator('.phone-tabs').getByRole('button', { name: 'Orders' }).click();
    for (const tab of ['History', 'Fills', 'Balances', 'Ledger', 'Open orders']) {
      await page.getByRole('tab', { name: tab }).click();
      if (tab !== 'Ledger') await page.locator('.activity tbody tr').first().waitFor();
      await check(tab);
    }
    await page.locator('.phone-tabs').getByRole('button', { name: 'Trade' }).click();
    for (const kind of ['Market', 'Stop limit', 'Stop market', 'Limit']) {
      const tab = page.locator('.ticket').getByRole('tab', { name: kind, exact: true });
      if (await tab.count()) await tab.click();
      await check(kind);
    }
    await page.getByRole('button', { name: /^Trader 1/ }).click();
    await check('account');
    await leave(t, opened);
  },
);

inBrowser('an operator sees how far each shard is behind, and the last faults', async (t) => {
  const product = await site.exchange.addProduct();
  const opened = await open(product);
  const { page } = opened;
  await enterWithToken(opened, site.exchange.operatorToken);
  await page.getByRole('link', { name: 'Operator' }).click();
  const state = page.locator('[aria-label="State of the exchange"]');
  const shard = state.locator('tbody tr', { hasText: site.exchange.shard });
  await shard.filter({ hasText: 'answers' }).waitFor();
  await state.getByText('None. What goes wrong').waitFor();
  await site.exchange.kill('matcher');
  const trader = await site.exchange.trader(37);
  const pending = trader.post('/orders', { product_id: product, side: 'buy', price: '1.00', size: '1' });
  await shard.locator('td:nth-child(3)', { hasText: /^1$/ }).waitFor();
  await site.exchange.redis.xadd(shardKeys(site.exchange.shard).dead, '*', 'report', 'none');
  await state
    .locator('li', { hasText: `1 reports of ${site.exchange.shard} that PostgreSQL refused` })
    .waitFor();
  await site.exchange.start('matcher');
  await pending;
  await shard.locator('td:nth-child(3)', { hasText: /^0$/ }).waitFor();
  await leave(t, opened);
});
