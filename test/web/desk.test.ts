import { TOTP } from 'otpauth';
import { openPage, type Screen } from '../../scripts/lab/browser/chromium.ts';
import { inBrowser, useSite } from '../support/browser.ts';
import { execute } from '../support/database.ts';
import { signedClient } from '../support/signed.ts';
import {
  downloaded,
  enterAsDemo,
  findLine,
  ladderIsProven,
  ladderRow,
  leave,
  seriousFindings,
  signUp,
  tabTo,
} from '../support/trading-page.ts';
import { until } from '../support/until.ts';

const site = useSite();

const open = (product: string, screen?: Screen) =>
  openPage(site.browser, `${site.exchange.baseUrl}/#/${product}`, screen);

async function place(traderId: number, product_id: string, orders: readonly string[]): Promise<void> {
  const trader = await site.exchange.trader(traderId);
  for (const order of orders) {
    const [side, size, price] = order.split(' ');
    await trader.post('/orders', { product_id, side, size, price });
  }
}

inBrowser(
  'a price is amended by dragging its line on the chart, a size in the list of open orders',
  async (t) => {
    const product = await site.exchange.addProduct();
    await place(51, product, ['sell 1 4.50', 'buy 1 4.50', 'sell 1 5.50', 'buy 1 5.50']);
    await place(1, product, ['buy 3 4.80']);
    const opened = await open(product);
    const { page } = opened;
    await enterAsDemo(opened);
    await ladderRow(page, 'buy', '4.80').locator('.own').waitFor();
    await until(async () => (await findLine(page).catch(() => null)) !== null);
    const { x, y, height } = await findLine(page);
    await page.mouse.down();
    await page.mouse.move(x, y - height / 8, { steps: 4 });
    await page.mouse.up();
    await page.getByText(/^Order \d+ is amended$/).waitFor();
    const {
      body: [amended],
    } = await (await site.exchange.trader(1)).get('/orders');
    t.true(Number(amended.price) > 4.8 && Number(amended.price) < 5.5, amended.price);
    await ladderRow(page, 'buy', amended.price).locator('.own').waitFor();
    await page
      .getByLabel(/Amend the price/)
      .filter({ hasText: amended.price })
      .waitFor();

    await page.getByLabel(/Amend the size/).click();
    await page.getByLabel(/New size/).fill('2');
    await page.keyboard.press('Enter');
    await ladderRow(page, 'buy', amended.price).locator('.size:text-is("2")').waitFor();
    await page.locator('body').press('x');
    await ladderRow(page, 'buy', amended.price).waitFor({ state: 'detached' });
    await leave(t, opened);
  },
);

inBrowser('orders, fills and ledger are downloaded whole, in the words of the API', async (t) => {
  const product = 'VIBRANIUM-USD';
  await site.exchange.deposit(1, 'USD', '100000');
  await site.exchange.deposit(52, 'VIBRANIUM', '100');
  await place(52, product, ['sell 1 5.00', 'sell 2 5.10']);
  await place(1, product, [...Array(60).fill('buy 1 4.00'), 'buy 3 5.10']);
  const opened = await open(product);
  const { page } = opened;
  await enterAsDemo(opened);
  const tab = (name: string | RegExp) => page.getByRole('tab', { name }).click();
  await page.locator('.activity tbody tr').first().waitFor();
  const own = await site.exchange.trader(1);
  t.is((await downloaded(page, 'cardstock-open.csv')).length, 60);
  await tab('History');
  await page.locator('.activity tbody tr', { hasText: 'filled' }).waitFor();
  t.is(await page.locator('.activity tbody tr').count(), 50, 'a page of them is shown');
  const history = await downloaded(page, 'cardstock-history.csv');
  const { body: orders } = await own.get(`/orders?status=all&limit=1000`);
  t.deepEqual(
    history.map(({ id, price, status }) => [id, price, status]),
    orders.map(({ id, price, status }: Record<string, string>) => [id, price, status]),
  );
  await tab('Fills');
  await page.locator('.activity tbody tr', { hasText: 'taker' }).first().waitFor();
  t.deepEqual(
    (await downloaded(page, 'cardstock-fills.csv')).map(({ price, size, liquidity }) => [
      price,
      size,
      liquidity,
    ]),
    [
      ['5.10', '2', 'T'],
      ['5.00', '1', 'T'],
    ],
  );
  await tab('Balances');
  const balances = await downloaded(page, 'cardstock-balances.csv');
  t.is(balances.find(({ currency }) => currency === 'VIBRANIUM')?.balance, '3');
  await tab('Ledger');
  await page
    .getByRole('group', { name: 'Account' })
    .getByRole('button', { name: 'USD', exact: true })
    .click();
  await page.locator('.activity tbody tr', { hasText: '-10.2' }).waitFor();
  const ledger = await downloaded(page, 'cardstock-ledger.csv');
  t.deepEqual(
    ledger.map(({ amount }) => amount),
    ['-10.20', '-5.00', '100000.00'],
  );
  await leave(t, opened);
});

inBrowser(
  'a person signs up, makes a key that trades, revokes it, and logs in with the code of an app',
  async (t) => {
    const product = await site.exchange.addProduct();
    const opened = await open(product);
    const { page } = opened;
    await signUp(opened, 'sabrina');
    await page.getByRole('button', { name: 'sabrina', exact: true }).click();
    await page.getByLabel('Label').fill('robot');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByText('the secret is shown this once').waitFor();
    const [key, secret, passphrase] = await page.locator('.secret dd code').allInnerTexts();
    const robot = signedClient(site.exchange.baseUrl, {
      key: key!,
      secret: secret!,
      passphrase: passphrase!,
    });
    const order = { product_id: product, side: 'buy', price: '1.00', size: '1' };
    t.is((await robot('POST', '/orders', order)).status, 200);
    await page.locator('li', { hasText: 'robot' }).getByRole('button', { name: 'Revoke' }).click();
    await page.locator('li', { hasText: 'robot' }).waitFor({ state: 'detached' });
    await until(async () => (await robot('POST', '/orders', order)).status === 401);

    await page.getByText('Turn the second factor on').click();
    await page.getByLabel('Your password').fill('correct horse battery staple');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByLabel('Code that the app shows').waitFor();
    const app = new TOTP({ secret: await page.locator('.fold .secret dd code').innerText() });
    await page.getByLabel('Code that the app shows').fill(app.generate());
    await page.getByRole('button', { name: 'Turn on', exact: true }).click();
    await page.getByText('Each of these codes').waitFor();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByLabel('Name').fill('sabrina');
    await page.getByLabel('Password').fill('correct horse battery staple');
    const enter = page.locator('dialog form').getByRole('button', { name: 'Log in' });
    await enter.click();
    await page.locator('.refusal', { hasText: /second factor|code|totp/i }).waitFor();
    // Each code counts once; the app's next one is good already.
    await page.getByLabel(/second factor/).fill(app.generate({ timestamp: Date.now() + 30_000 }));
    await enter.click();
    await page.getByRole('button', { name: 'sabrina', exact: true }).waitFor();
    await leave(t, opened, /status of 401/);
  },
);

inBrowser(
  'by keyboard alone one logs in, finds a product, trades, amends, cancels and logs out',
  async (t) => {
    const [first, product] = [await site.exchange.addProduct(), await site.exchange.addProduct()];
    const opened = await open(first);
    const { page } = opened;
    await ladderIsProven(page);
    await tabTo(page, 'Log in');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, 'Log in');
    for (const _ of ['Sign up', 'Token']) await page.keyboard.press('ArrowRight');
    await tabTo(page, 'Bearer token');
    await page.keyboard.type(await site.exchange.tokenOf(53));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Trader 53', exact: true }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type(product);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.locator('.ticker-line h1', { hasText: product.replace('-', '/') }).waitFor();
    await page.keyboard.press('b');
    await page.keyboard.type('2.00');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    await page.keyboard.type('4');
    await page.keyboard.press('Enter');
    await ladderRow(page, 'buy', '2.01').locator('.own').waitFor();
    await tabTo(page, /^Amend the price 2.01/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('2.50');
    await page.keyboard.press('Enter');
    await ladderRow(page, 'buy', '2.50').locator('.own').waitFor();
    await tabTo(page, /^Cancel order/);
    await page.keyboard.press('Enter');
    await ladderRow(page, 'buy', '2.50').waitFor({ state: 'detached' });
    await tabTo(page, 'Trader 53');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Log out');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
    await leave(t, opened);
  },
);

inBrowser('panels keep the size that they were given, and the page its theme', async (t) => {
  const opened = await open(await site.exchange.addProduct());
  const { page } = opened;
  const widthOf = async (panel: string) => Math.round((await page.locator(panel).boundingBox())!.width);
  const before = { markets: await widthOf('.markets'), book: await widthOf('.ladder') };
  const { x, y, width, height } = (await page.getByLabel('Width of the markets').boundingBox())!;
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 60, y + height / 2, { steps: 3 });
  await page.mouse.up();
  await page.getByLabel('Width of the book').press('ArrowLeft');
  await page.getByRole('button', { name: 'Light theme' }).click();
  const grown = { markets: before.markets + 60, book: before.book + 16 };
  const check = async () => {
    t.deepEqual({ markets: await widthOf('.markets'), book: await widthOf('.ladder') }, grown);
    t.is(await page.locator('html').getAttribute('data-theme'), 'light');
  };
  await check();
  await page.reload();
  await ladderIsProven(page);
  await check();
  t.is(await page.evaluate('document.documentElement.scrollHeight'), 720, 'the desk needs no scrolling');
  await page.getByLabel('Width of the markets').dblclick();
  t.is(await widthOf('.markets'), before.markets);
  await leave(t, opened);
});

const thousands = 3_000;

inBrowser('of thousands of products the list holds those that can be seen, and finds any', async (t) => {
  await execute(
    site.exchange.databaseUrl,
    `insert into currencies (currency, name, kind, increment)
      select 'X' || i, 'X' || i, 'crypto', 1 from generate_series(1, ${thousands}) i`,
    `insert into products (product_id, shard, base_currency, quote_currency, funded, quote_increment, base_increment,
        min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds)
      select 'X' || i || '-USD', '${site.exchange.shard}', 'X' || i, 'USD', false, 0.01, 1, 0.01, 1, 1, 1000, 0.01, 10
      from generate_series(1, ${thousands}) i`,
  );
  await until(async () => (await site.exchange.anonymous.get(`/products/X${thousands}-USD`)).status === 200);
  const opened = await open('X1-USD');
  const { page } = opened;
  const rows = page.locator('.market-row');
  await rows.first().waitFor();
  t.true((await rows.count()) < 40, `${await rows.count()} rows`);
  await page.locator('.markets .scroll').evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await page.locator('.market-row', { hasText: 'X999' }).waitFor();
  t.true((await rows.count()) < 40);
  await page.getByLabel('Search markets').fill(`x${thousands}`);
  await page.locator('.market-row', { hasText: `X${thousands}` }).waitFor();
  t.is(await rows.count(), 1);
  await page.keyboard.press('Enter');
  await page.locator('.ticker-line h1', { hasText: `X${thousands}/USD` }).waitFor();
  await place(54, `X${thousands}-USD`, ['sell 1 0.50', 'buy 1 0.50']);
  await rows.locator('.numbers b:text-is("0.50")').waitFor();
  await page.getByLabel('Search markets').fill('nothing is called so');
  await page.getByText('Nothing is called').waitFor();
  t.deepEqual(await seriousFindings(page), []);
  await leave(t, opened);
});
