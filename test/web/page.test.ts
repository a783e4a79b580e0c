import type { ExecutionContext } from 'ava';
import { TOTP } from 'otpauth';
import { type Opened, openPage } from '../../scripts/lab/browser/chromium.ts';
import { inBrowser, useSite } from '../support/browser.ts';
import { killProcess, portOf } from '../support/processes.ts';
import {
  enterAsDemo,
  ladderIsProven,
  ladderRow,
  leave,
  lostConnection,
  seriousFindings,
  signUp,
} from '../support/trading-page.ts';

const site = useSite({ RATE_LIMITS: 'off' });

const open = (product: string, screen = {}): Promise<Opened> =>
  openPage(site.browser, `${site.exchange.baseUrl}/#/${product}`, screen);

inBrowser(
  'two people trade: one by the keyboard alone, one who just signed up by a click in the ladder',
  async (t) => {
    const product = await site.exchange.addProduct();
    const [seller, buyer] = await Promise.all([open(product), open(product)]);
    await enterAsDemo(seller);
    await ladderIsProven(seller.page);
    await seller.page.locator('body').press('s');
    await seller.page.keyboard.type('5.25');
    await seller.page.keyboard.press('Tab');
    await seller.page.keyboard.type('3');
    await seller.page.keyboard.press('Enter');
    await ladderRow(seller.page, 'sell', '5.25').locator('.own').waitFor();
    t.is(await seller.page.locator('.activity tbody tr').count(), 1);

    await signUp(buyer, 'misty');
    await ladderIsProven(buyer.page);
    await ladderRow(buyer.page, 'sell', '5.25').click();
    t.is(await buyer.page.getByLabel('Price', { exact: true }).inputValue(), '5.25');
    await buyer.page.getByLabel('Size', { exact: true }).fill('2');
    t.regex(await buyer.page.locator('.costs').innerText(), /Cost now\s+10\.50/);
    await buyer.page.locator('button.submit.buy').click();
    for (const { page } of [seller, buyer]) {
      await page.locator('.tape-rows li', { hasText: '5.25' }).waitFor();
      await page.getByRole('tab', { name: 'Fills' }).click();
      await page
        .locator('.activity tbody tr', { hasText: page === seller.page ? 'maker' : 'taker' })
        .waitFor();
    }
    await buyer.page.locator('.holdings dd.buy', { hasText: '2' }).waitFor();

    await seller.page.getByRole('tab', { name: /Open orders/ }).click();
    await seller.page.getByLabel(/Amend the price/).click();
    await seller.page.getByLabel(/New price/).fill('5.50');
    await seller.page.keyboard.press('Enter');
    await ladderRow(buyer.page, 'sell', '5.50').waitFor();
    await seller.page.getByLabel(/Cancel order/).click();
    await ladderRow(buyer.page, 'sell', '5.50').waitFor({ state: 'detached' });
    for (const one of [seller, buyer]) await leave(t, one);
  },
);

inBrowser(
  'what the exchange would refuse is said while one types, in its words, and is not sent',
  async (t) => {
    const opened = await open(await site.exchange.addProduct());
    await enterAsDemo(opened);
    const { page } = opened;
    await page.getByLabel('Price', { exact: true }).fill('5.001');
    await page.getByText('price too precise: must be a multiple of 0.01').waitFor();
    await page.getByLabel('Size', { exact: true }).fill('1');
    await page.locator('button.submit.buy').click();
    await page.getByLabel('Price', { exact: true }).fill('5.00');
    await page.getByText('price too precise').waitFor({ state: 'detached' });
    await leave(t, opened);
  },
);

inBrowser(
  'a stop order waits in no book, says that it waits, and trades once its price is met',
  async (t) => {
    const product = await site.exchange.addProduct();
    const trader = await site.exchange.trader(35);
    const rest = (side: string, price: string, size: string) =>
      trader.post('/orders', { product_id: product, side, price, size });
    await rest('sell', '5.00', '1');
    await rest('sell', '5.10', '4');
    const opened = await open(product);
    const { page } = opened;
    await enterAsDemo(opened);
    await ladderIsProven(page);
    await page.getByRole('tab', { name: 'Stop limit' }).click();
    await page.getByLabel('Stop price', { exact: true }).fill('5.00');
    await page.getByLabel('Price', { exact: true }).fill('5.10');
    await page.getByLabel('Size', { exact: true }).fill('2');
    await page.locator('button.submit.buy').click();
    await page.getByText(/waits for its stop price/).waitFor();
    const openOrders = page.locator('.activity tbody tr', { hasText: 'stop' });
    await openOrders.waitFor();
    t.is(await ladderRow(page, 'buy', '5.10').count(), 0);
    const tabs = page.getByRole('tablist', { name: 'Orders and balances' });
    t.true(
      await tabs.evaluate((list) => list.scrollWidth <= list.clientWidth),
      'a tab is cut at 1280 pixels',
    );

    await rest('buy', '5.00', '1');
    await page.locator('.tape-rows li', { hasText: '5.10' }).waitFor();
    await openOrders.waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Fills' }).click();
    await page.locator('.activity tbody tr', { hasText: '5.10' }).waitFor();
    await leave(t, opened);
  },
);

inBrowser('an iceberg shows a part of its size in the ladder', async (t) => {
  const product = await site.exchange.addProduct();
  const opened = await open(product);
  const { page } = opened;
  await enterAsDemo(opened);
  await ladderIsProven(page);
  await page.getByLabel('Price', { exact: true }).fill('5.00');
  await page.getByLabel('Size', { exact: true }).fill('7');
  await page.locator('details.more summary').click();
  const shown = page.getByLabel('Shown at a time');
  await shown.fill('8');
  await page.getByText('Invalid max_floor: is above size').waitFor();
  await shown.fill('2');
  await page.locator('button.submit.buy').click();
  await page.locator('.activity tbody tr', { hasText: 'iceberg' }).waitFor();
  await ladderRow(page, 'buy', '5.00').waitFor();
  const { bids } = await (await fetch(`${site.exchange.baseUrl}/products/${product}/book?level=2`)).json();
  t.deepEqual(bids, [['5.00', '2', 1]]);
  t.regex((await ladderRow(page, 'buy', '5.00').textContent()) ?? '', /5\.00\D*2/);
  await leave(t, opened);
});

/** Notes at each change of the page what the title and the ladder say together. */
const watchLadder = `
  window.seen = [];
  new MutationObserver(() => {
    const title = document.querySelector('.ticker-line h1').textContent;
    window.seen.push(title + ' ' + document.querySelector('.ladder-rows').textContent);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });`;

inBrowser('a switch of products shows nothing of the one before', async (t) => {
  const [one, other] = [await site.exchange.addProduct(), await site.exchange.addProduct()];
  const trader = await site.exchange.trader(31);
  const rest = (product_id: string, price: string) =>
    trader.post('/orders', { product_id, side: 'buy', price, size: '1' });
  await Promise.all([rest(one, '3.33'), rest(other, '7.77')]);
  const opened = await open(one);
  const { page } = opened;
  await ladderRow(page, 'buy', '3.33').waitFor();
  await page.evaluate(watchLadder);
  for (const product of [other, one, other]) {
    await page.evaluate(`location.hash = '#/${product}'`);
    await ladderRow(page, 'buy', product === one ? '3.33' : '7.77').waitFor();
  }
  const seen = await page.evaluate<string[]>('window.seen');
  const [nameOfOne, nameOfOther] = [one, other].map((id) => id.replace('-', '/'));
  t.false(seen.some((text) => text.includes(nameOfOne!) && text.includes('7.77')));
  t.false(seen.some((text) => text.includes(nameOfOther!) && text.includes('3.33')));
  t.true(seen.length > 0);
  await leave(t, opened);
});

inBrowser(
  'while the api is away the book cannot be clicked; when it is back it is proven anew',
  async (t) => {
    const product = await site.exchange.addProduct();
    const trader = await site.exchange.trader(32);
    await trader.post('/orders', { product_id: product, side: 'buy', price: '4.00', size: '5' });
    const opened = await open(product);
    const { page } = opened;
    await ladderRow(page, 'buy', '4.00').waitFor();
    const [api] = site.exchange.processes.api.splice(0);
    const port = String(await portOf(api!));
    await killProcess(api!);
    await page.waitForSelector('.ladder.is-stale');
    t.is(await page.locator('.ladder-row:not(.is-empty):not(:disabled)').count(), 0);
    await site.exchange.start('api', { PORT: port });
    await ladderIsProven(page);
    await ladderRow(page, 'buy', '4.00').click(); // once it is enabled
    t.is(await page.getByLabel('Price', { exact: true }).inputValue(), '4.00');
    await leave(t, opened, lostConnection);
  },
);

async function checkViews(t: ExecutionContext, theme: 'dark' | 'light'): Promise<void> {
  const product = await site.exchange.addProduct();
  const trader = await site.exchange.trader(33);
  for (const [side, price] of [
    ['buy', '4.00'],
    ['sell', '4.10'],
    ['buy', '4.10'],
  ])
    await trader.post('/orders', { product_id: product, side, price, size: '5' });
  const opened = await open(product, { theme });
  const { page } = opened;
  await enterAsDemo(opened);
  await ladderIsProven(page);
  await page.locator('.tape-rows li').first().waitFor();
  const check = async (view: string) => t.deepEqual(await seriousFindings(page), [], `${view}, ${theme}`);
  await check('desk');
  for (const tab of ['History', 'Fills', 'Balances', 'Ledger']) {
    await page.getByRole('tab', { name: tab }).click();
    await check(tab);
  }
  await page.getByRole('tab', { name: 'Stop limit' }).click();
  await page.locator('details.more summary').click();
  await check('ticket');
  await page.getByRole('tab', { name: 'Depth' }).click();
  await check('depth');
  await page.getByRole('button', { name: /^Trader 1/ }).click();
  await check('account');
  await page.keyboard.press('Escape');
  await leave(t, opened);
}

inBrowser('axe finds nothing serious on the views of a trader, dark', (t) => checkViews(t, 'dark'));
inBrowser('axe finds nothing serious on the views of a trader, light', (t) => checkViews(t, 'light'));

inBrowser('a person changes the password, turns a second factor on, and logs out everywhere', async (t) => {
  const opened = await open(await site.exchange.addProduct());
  const { page } = opened;
  await signUp(opened, 'brock');
  await page.getByRole('button', { name: 'brock', exact: true }).click();
  await page.getByText('Change the password').click();
  await page.getByLabel('Old password').fill('correct horse battery staple');
  await page.getByLabel('New password').fill('onix is a rock snake');
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByText('The password is changed').waitFor();
  await page.getByText('Turn the second factor on').click();
  await page.getByLabel('Your password').fill('wrong');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.locator('.fold[open] .refusal', { hasText: /password/i }).waitFor();
  await page.getByLabel('Your password').fill('onix is a rock snake');
  await page.getByRole('button', { name: 'Go on' }).click();
  const secret = await page.locator('.secret dd code').innerText();
  await page.getByLabel('Code that the app shows').fill(new TOTP({ secret }).generate());
  await page.getByRole('button', { name: 'Turn on', exact: true }).click();
  const [recovery] = (await page.locator('.secret > code').innerText()).split(/\s+/);
  t.deepEqual(await seriousFindings(page), []);
  await page.getByRole('button', { name: 'Log out everywhere' }).click();
  await page.getByText('You are logged out everywhere').waitFor();
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByLabel('Name').fill('brock');
  await page.getByLabel('Password').fill('onix is a rock snake');
  await page.getByLabel(/second factor/).fill(recovery!);
  await page.locator('dialog form').getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'brock', exact: true }).waitFor();
  // What the exchange refuses, such as a wrong password, is an error in the browser's console.
  await leave(t, opened, /status of 40[13]/);
});

inBrowser('on a phone nothing scrolls sideways, and every panel can be reached', async (t) => {
  const opened = await open(await site.exchange.addProduct(), { width: 360, height: 720 });
  const { page } = opened;
  for (const [tab, panel] of [
    ['Markets', '.markets'],
    ['Book', '.ladder'],
    ['Trade', '.ticket'],
    ['Orders', '.activity'],
    ['Chart', '.chart'],
  ] as const) {
    await page.locator('.phone-tabs').getByRole('button', { name: tab }).click();
    await page.locator(panel).waitFor({ state: 'visible' });
    t.is(await page.evaluate('document.documentElement.scrollWidth'), 360, tab);
  }
  t.deepEqual(await seriousFindings(page), []);
  await leave(t, opened);
});
