// Takes the screenshots that README shows, of the exchange that npm start runs, in a real browser.
//
// Why: pictures that a command makes can be made again when the page changes.
//
// Usage: npm run screenshots          with npm start and npm run demo in other terminals, and Debian's chromium

import { mkdirSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { command, main } from './console/command.ts';
import { findExchange } from './launcher/found.ts';
import { projectRoot } from './launcher/servers/environment.ts';

const folder = `${projectRoot}/docs/screenshots`;
const settleMs = 4_000;

type Shot = {
  readonly name: string;
  readonly size: [width: number, height: number];
  readonly theme: 'dark' | 'light';
};
const shots: readonly Shot[] = [
  { name: 'desk-dark', size: [1_280, 720], theme: 'dark' },
  { name: 'phone-light', size: [360, 720], theme: 'light' },
];

async function take(browser: Browser, baseUrl: string, { name, size, theme }: Shot): Promise<void> {
  const [width, height] = size;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
  await page.goto(`${baseUrl}/#/VIBRANIUM-USD`);
  const demo = page.getByRole('button', { name: 'Trade as a demo trader' });
  if (await demo.isVisible({ timeout: settleMs }).catch(() => false)) await demo.click();
  await page.waitForTimeout(settleMs);
  await page.screenshot({ path: `${folder}/${name}.png` });
  await page.close();
  console.log(`docs/screenshots/${name}.png`);
}

async function run(): Promise<void> {
  const { baseUrl } = findExchange();
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    for (const shot of shots) await take(browser, baseUrl, shot);
  } finally {
    await browser.close();
  }
}

await main(
  command(
    'npm run screenshots',
    'Takes the screenshots that README shows, of the exchange that npm start runs.',
  ).action(run),
);
