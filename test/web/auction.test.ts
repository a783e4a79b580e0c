import { openPage } from '../../scripts/lab/browser/chromium.ts';
import { inBrowser, useSite } from '../support/browser.ts';
import { enterAsDemo, ladderIsProven, leave, seriousFindings } from '../support/trading-page.ts';

const site = useSite();

inBrowser(
  'a product in an auction shows what it would come to, what orders do then, and its opening',
  async (t) => {
    const product = await site.exchange.addProduct({ status: 'auction' });
    const [ann, bob] = [await site.exchange.trader(41), await site.exchange.trader(42)];
    const opened = await openPage(site.browser, `${site.exchange.baseUrl}/#/${product}`);
    const { page } = opened;
    await ladderIsProven(page);
    await enterAsDemo(opened);
    const line = page.getByRole('region', { name: 'Auction' });
    const says = (text: string) => line.filter({ hasText: text }).waitFor();
    const ticker = page.locator('.ticker-line');
    const note = page.getByRole('note');
    await says('Indicative price—');
    await note.filter({ hasText: 'the order waits with the others' }).waitFor();
    await page.getByRole('tab', { name: 'Market' }).click();
    await note.filter({ hasText: 'only limit orders that may rest' }).waitFor();

    await ann.post('/orders', { product_id: product, side: 'buy', price: '5.00', size: '900' });
    await bob.post('/orders', { product_id: product, side: 'sell', price: '5.00', size: '200' });
    await says('Indicative price5.00');
    const base = product.split('-')[0];
    await says(`Size200 ${base}`);
    await says(`Left over700 ${base} to buy`);
    await ticker.filter({ hasText: 'auction: indicative 5.00' }).waitFor();
    t.deepEqual(await seriousFindings(page), []);

    await site.exchange.operator.put(`/products/${product}`, { status: 'online' });
    await line.getByRole('status').filter({ hasText: 'Opened' }).waitFor();
    await says('Opening price5.00');
    await says(`Size200 ${base}`);
    t.false((await line.innerText()).includes('Left over'));
    await note.waitFor({ state: 'detached' });
    t.deepEqual(await seriousFindings(page), []);
    await leave(t, opened);
  },
);
