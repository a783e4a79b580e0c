// Measures the trading page in a real browser: its size, when it can be traded with, its frames while the book changes fast, and
// whether two hours of market, pressed into a minute, leave its ladder the server's book and its memory as it was.
//
// Why: a page that is right and quick for a minute in a quiet market may be neither after hours in a busy one.
//
// Usage: npm run test:browser
//        npm run test:browser -- --hours 8 --seconds 240
//        npm run test:browser -- --help

import { command, main } from './console/command.ts';
import { percentiles } from './console/figures.ts';
import { seedOf, whole } from './console/options.ts';
import { describeMachine, machineLine } from './lab/bench/machine.ts';
import { openBrowser, openPage } from './lab/browser/chromium.ts';
import { traceFrames } from './lab/browser/frames.ts';
import { timesToInteractive } from './lab/browser/interactive.ts';
import { type TradeOptions, trade, tradeWatched } from './lab/browser/market.ts';
import { describeFigures, figuresOf, isSound, type Measured } from './lab/browser/report.ts';
import { gzippedSize } from './lab/browser/size.ts';
import { type PrivateExchange, withExchange } from './lab/exchange.ts';
import { buildPage } from './launcher/page.ts';

const productId = 'VIBRANIUM-USD';
const openings = 5;
const tracedSeconds = 10;

type Options = {
  readonly hours: number;
  readonly pace: number;
  readonly seconds: number;
  readonly busy: number;
  readonly seed: number;
};

async function measure({ port, token }: PrivateExchange, options: Options): Promise<Measured> {
  const exchange = { baseUrl: `http://127.0.0.1:${port}`, operatorToken: token };
  const url = `${exchange.baseUrl}/#/${productId}`;
  const { hours, pace, seconds, busy, seed } = options;
  const market = (rate: number, length: number): TradeOptions => ({
    ...{ exchange, productId, seed, rate, seconds: length },
  });
  const browser = await openBrowser();
  try {
    await trade(market(busy, 2));
    const interactive = await timesToInteractive(browser, url, openings);
    const { page, complaints } = await openPage(browser, url);
    await page.waitForSelector('.ladder:not(.is-stale)');
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof trade>>>();
    const frames = await traceFrames(browser, page, async () =>
      resolve(await trade(market(busy, tracedSeconds))),
    );
    const traced = await promise;
    const long = await tradeWatched(page, market(Math.ceil((hours * 3_600 * pace) / seconds), seconds));
    return {
      ...{ gzipped: gzippedSize(), interactive: percentiles(interactive)(0.5), complaints },
      busy: { frames, changesPerSecond: traced.changes / traced.seconds },
      long: { ...long, hours },
    };
  } finally {
    await browser.close();
  }
}

async function run(options: Options): Promise<void> {
  const machine = describeMachine();
  await buildPage();
  const measured = await withExchange((exchange) => measure(exchange, options), console.error);
  const figures = figuresOf(measured);
  console.log(describeFigures(figures));
  console.log(machineLine(machine));
  for (const complaint of measured.complaints) console.error(complaint);
  if (!measured.long.ladder.isEqual) console.error(measured.long.ladder);
  process.exitCode = isSound(figures) ? 0 : 1;
}

const says = `The trading page in Chromium, on a private exchange whose market the crowd of npm run demo makes.
Fails if the ladder is not the server's book, the memory grows, the page is too large or the browser complains; times are told.`;

await main(
  command('npm run test:browser', says)
    .addOption(whole('--hours <n>', 'of market that are pressed together', [1, 1_000]).default(2))
    .addOption(whole('--pace <n>', 'orders a second of that market', [1, 1_000]).default(5))
    .addOption(whole('--seconds <n>', 'into which they are pressed', [1, 86_400]).default(60))
    .addOption(whole('--busy <n>', 'orders a second while frames are traced', [1, 5_000]).default(300))
    .addOption(seedOf('market').default(1))
    .action(run),
);
