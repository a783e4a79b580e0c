import { readFileSync } from 'node:fs';
import test from 'ava';
import { startExchange } from '../support/exchange.ts';
import { type Scraped, scrape } from '../support/metrics.ts';
import { portOf } from '../support/processes.ts';

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
/** By name, the type that the page's table says. */
const documented = new Map(
  [...page.matchAll(/^\| `(cardstock_\w+)` \| (\w+) \|/gm)].map(([, name, type]) => [name!, type!]),
);

test('docs/metrics.md lists exactly the metrics that there are', async (t) => {
  const exchange = await startExchange();
  t.teardown(exchange.stop);
  await exchange.start('notifier');
  const { matcher, writer, notifier } = exchange.processes;
  const ports = await Promise.all(
    [matcher, writer, notifier].map(([one]) => portOf(one!, 'serving metrics')),
  );
  const baseUrls = [exchange.baseUrl, ...ports.map((port) => `http://127.0.0.1:${port}`)];
  const scraped: Scraped[] = await Promise.all(baseUrls.map(scrape));
  const served = scraped.flatMap(({ types }) => [...types]).filter(([name]) => name.startsWith('cardstock_'));
  t.deepEqual(new Map(served.sort()), new Map([...documented].sort()));
});
