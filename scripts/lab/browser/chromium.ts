// The browser that shows the page to tests and measurements: Debian's Chromium, or Google's.

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { PlainError } from '../../console/errors.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const found = places.find((path) => existsSync(path));

export const hasBrowser = found !== undefined;

export async function openBrowser(): Promise<Browser> {
  if (found === undefined) throw new PlainError('There is no Chromium here: apt-get install chromium.');
  return chromium.launch({
    executablePath: found,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

export type Opened = {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the console, the policy for content among them, and exceptions that nobody caught. */
  readonly complaints: string[];
};

export type Screen = {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'dark' | 'light';
  /** What runs in the page before its own scripts. */
  readonly before?: string;
};

/** A browser window of its own, with cookies of its own. */
export async function openPage(browser: Browser, url: string, screen: Screen = {}): Promise<Opened> {
  const { width = 1280, height = 720, theme = 'dark', before } = screen;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  if (before !== undefined) await page.addInitScript(before);
  await page.goto(url);
  return { context, page, complaints };
}
