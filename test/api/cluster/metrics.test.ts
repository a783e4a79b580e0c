import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { sendBy } from '../../support/http.ts';
import { type Scraped, scrape } from '../../support/metrics.ts';
import { linesThat } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange({ env: { API_WORKERS: '2' } });
});
test.after.always(() => exchange?.stop());

/** Requests for the time that the workers have counted together. */
function timesAsked({ value }: Scraped): number | undefined {
  const labels = { method: 'GET', route: '/time', status: '200' };
  return value('cardstock_http_request_duration_seconds_count', labels);
}

/** Each scrape is on a connection of its own, which is how it gets to any of the workers. */
function scrapeOften(): Promise<Scraped[]> {
  return Promise.all(Array.from({ length: 8 }, () => scrape(exchange.baseUrl)));
}

const workers = () => linesThat('listening', exchange.processes.api[0]!).map(({ pid }) => pid);

test.serial('whichever worker is asked tells what all have counted', async (t) => {
  for (let i = 0; i < 25; i++) await sendBy(`${exchange.baseUrl}/time`, { token: null });
  const scraped = await scrapeOften();
  t.deepEqual(scraped.map(timesAsked), new Array(8).fill(25));
});

test.serial('what Redis says is not added up', async (t) => {
  const { shard, redis } = exchange;
  const sequence = Number(await redis.hget(`{${shard}}:state`, 'sequence'));
  for (const { value } of await scrapeOften()) {
    t.is(value('cardstock_accepted_sequence', { shard }), sequence);
    t.is(value('cardstock_redis_up', { shard }), 1);
  }
});

test.serial('a worker that hangs holds up no scrape for long, and is counted as it was', async (t) => {
  const [hanging] = workers();
  process.kill(hanging!, 'SIGSTOP');
  t.teardown(() => process.kill(hanging!, 'SIGCONT'));
  const start = Date.now();
  // One of them may be handed to the worker that hangs.
  const scraped = await Promise.any([scrape(exchange.baseUrl), scrape(exchange.baseUrl)]);
  t.true(Date.now() - start < 10_000);
  t.is(timesAsked(scraped), 25);
});

test.serial('what a worker counted stays when it has died', async (t) => {
  const [dying] = workers();
  process.kill(dying!, 'SIGKILL');
  await until(async () => {
    t.is(timesAsked(await scrape(exchange.baseUrl)), 25);
    return workers().length === 3;
  });
  await sendBy(`${exchange.baseUrl}/time`, { token: null });
  for (const scraped of await scrapeOften()) t.is(timesAsked(scraped), 26);
});
