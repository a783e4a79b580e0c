import { readFile } from 'node:fs/promises';
import type { ExecutionContext } from 'ava';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import type { Opened } from '../../scripts/lab/browser/chromium.ts';

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

/** What a browser may say of a connection that its server took away: which it is depends on what was under way just then. */
export const lostConnection =
  /ERR_(CONNECTION_(REFUSED|RESET|CLOSED|ABORTED)|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|CONTENT_LENGTH_MISMATCH|SOCKET_NOT_CONNECTED)|WebSocket/;

/** Holds that nothing was complained of, but what a test has brought about itself, and closes the window. */
export async function leave(
  t: ExecutionContext,
  { complaints, context }: Opened,
  expected?: RegExp,
): Promise<void> {
  t.deepEqual(
    complaints.filter((text) => !expected?.test(text)),
    [],
  );
  await context.close();
}

/** Presses Tab until an element of this name has the focus. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const isThere = (said: string) => (typeof name === 'string' ? said === name : name.test(said));
  const focused = `(() => {
    const { activeElement: at } = document;
    return at.getAttribute('aria-label') ?? at.labels?.[0]?.innerText.trim() ?? at.innerText.trim();
  })()`;
  const passed: string[] = [];
  while (passed.length < mostStops) {
    await page.keyboard.press('Tab');
    const said = await page.evaluate<string>(focused);
    if (isThere(said)) return;
    passed.push(said);
  }
  throw new Error(`Tab does not come to ${name}: ${passed.join(', ')}`);
}
const mostStops = 120;

/** Moves the pointer down over the chart until it could take hold of an order's line. */
export async function findLine(page: Page): Promise<{ x: number; y: number; height: number }> {
  const { x, y: top, width, height } = (await page.locator('.chart-frame').boundingBox())!;
  for (let y = top + 4; y < top + height; y += 4) {
    await page.mouse.move(x + width / 3, y);
    if (await page.locator('.chart-frame.can-drag').count()) return { x: x + width / 3, y, height };
  }
  throw new Error('no line can be dragged');
}

/** What the page hands over as a file, as rows of columns by name. */
export async function downloaded(page: Page, name: string): Promise<Record<string, string>[]> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as CSV' }).click(),
  ]);
  if (download.suggestedFilename() !== name) throw new Error(`it is called ${download.suggestedFilename()}`);
  const [head, ...lines] = (await readFile(await download.path(), 'utf8')).split('\r\n').slice(0, -1);
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(head!.split(',').map((column, at) => [column, cells[at]!]));
  });
}

export async function enterWithToken({ page }: Opened, token: string): Promise<void> {
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('tab', { name: 'Token' }).click();
  await page.getByLabel('Bearer token').fill(token);
  await page.locator('dialog form').getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}
