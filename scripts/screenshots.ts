// Takes the pictures of docs/screenshots, of the exchange that npm start runs, in a real browser.
//
// Why: pictures that a command makes can be made again when the page changes.
//
// Usage: npm run screenshots          with npm start and npm run demo in other terminals, and Debian's chromium

import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { command, main } from './console/command.ts';
import { openBrowser, openPage } from './lab/browser/chromium.ts';
import { findExchange } from './launcher/found.ts';
import { projectRoot } from './launcher/servers/environment.ts';

const folder = `${projectRoot}/docs/screenshots`;
/** Until the charts are drawn and a few trades are on the tape. */
const settleMs = 4_000;

type Shot = {
  readonly name: string;
  readonly size: readonly [width: number, height: number];
  readonly theme: 'dark' | 'light';
  readonly isOperator?: true;
};
const [desk, phone] = [
  [1_280, 720],
  [360, 720],
] as const;
const shots: readonly Shot[] = [
  { name: 'desk-dark', size: desk, theme: 'dark' },
  { name: 'desk-light', size: desk, theme: 'light' },
  { name: 'phone-dark', size: phone, theme: 'dark' },
  { name: 'phone-light', size: phone, theme: 'light' },
  { name: 'operator-dark', size: desk, theme: 'dark', isOperator: true },
];

type Door = { readonly baseUrl: string; readonly operatorToken: string };

async function enter(page: Page, { isOperator }: Shot, { operatorToken }: Door): Promise<void> {
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  const door = page.getByRole('dialog');
  if (isOperator) {
    await door.getByRole('tab', { name: 'Token' }).click();
    await door.getByLabel('Bearer token').fill(operatorToken);
    await door.locator('form').getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('link', { name: 'Operator' }).click();
  } else await door.getByRole('button', { name: 'Trade as a demo trader' }).click();
  await door.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Dismiss' }).click();
}

async function take(browser: Browser, shot: Shot, door: Door): Promise<void> {
  const { name, size, theme } = shot;
  const [width, height] = size;
  const { page, context } = await openPage(browser, `${door.baseUrl}/#/VIBRANIUM-USD`, {
    ...{ width, height, theme },
  });
  await enter(page, shot, door);
  await page.waitForTimeout(settleMs);
  await page.screenshot({ path: `${folder}/${name}.png` });
  await context.close();
  console.log(`docs/screenshots/${name}.png`);
}

async function run(): Promise<void> {
  const { baseUrl, operator } = findExchange();
  mkdirSync(folder, { recursive: true });
  const browser = await openBrowser();
  try {
    for (const shot of shots) await take(browser, shot, { baseUrl, operatorToken: operator.token });
  } finally {
    await browser.close();
  }
}

await main(
  command(
    'npm run screenshots',
    'Takes the pictures of docs/screenshots, two of which README shows, of the exchange that npm start runs.',
  ).action(run),
);
