import axe from 'axe-core';
import type { Page } from 'playwright-core';
import type { Opened } from './browser.ts';

export const ladderIsProven = (page: Page) => page.waitForSelector('.ladder:not(.is-stale)');
export const ladderRow = (page: Page, side: 'buy' | 'sell', price: string) =>
  page.locator(`.ladder-row.${side}`, { has: page.locator(`.price:text-is("${price}")`) });

export async function enterAsDemo({ page }: Opened): Promise<void> {
  await page.getByRole('button', { name: 'Trade as a demo trader' }).click();
  await page.getByRole('button', { name: /^Trader 1/ }).waitFor();
}

export async function signUp({ page }: Opened, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('tab', { name: 'Sign up' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill('correct horse battery staple');
  await page.locator('dialog form').getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('button', { name, exact: true }).waitFor();
}

/** What axe finds on the page as it is now, and calls serious or critical. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // By the debugger's protocol: the page's own policy lets no other script in.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe.source });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => JSON.stringify(violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | '))))`,
    awaitPromise: true,
  });
  return JSON.parse(result.value);
}
