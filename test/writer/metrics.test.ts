import test from 'ava';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { type Scraped, scrape } from '../support/metrics.ts';
import { lineWith, portOf, type Started } from '../support/processes.ts';
import { until } from '../support/until.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange({ writers: 2 });
});
test.after.always(() => exchange?.stop());

const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };

async function scrapeWriter(writer: Started): Promise<Scraped> {
  return scrape(`http://127.0.0.1:${await portOf(writer, 'serving metrics')}`);
}

async function leads(writer: Started): Promise<boolean> {
  const value = (await scrapeWriter(writer)).value('cardstock_writer_leads', { shard: exchange.shard });
  return value === 1;
}

/** The writer that leads, then the one that stands by. */
async function leaderFirst(): Promise<[Started, Started]> {
  const [one, other] = exchange.processes.writer as [Started, Started];
  await until(async () => (await leads(one)) || (await leads(other)));
  return (await leads(one)) ? [one, other] : [other, one];
}

test.serial('commits are counted with their commands by the writer that leads', async (t) => {
  const [leader, standby] = await leaderFirst();
  const alice = await exchange.trader(1);
  const labels = { process: 'writer', shard: exchange.shard };
  await alice.get('/orders');
  const before = await scrapeWriter(leader);
  await alice.post('/orders/batch', new Array(30).fill(order));
  await alice.get('/orders');
  const after = await scrapeWriter(leader);
  const grown = (name: string) => after.value(name, labels)! - before.value(name, labels)!;
  t.is(grown('cardstock_commit_commands_sum'), 30);
  t.true(grown('cardstock_commit_commands_count') >= 1);
  t.is(grown('cardstock_commit_duration_seconds_count'), grown('cardstock_commit_commands_count'));
  t.true(grown('cardstock_commit_duration_seconds_sum') > 0);
  const sequence = Number(await exchange.redis.hget(`{${exchange.shard}}:state`, 'sequence'));
  t.is(after.value('cardstock_committed_sequence', labels), sequence);
  t.is(after.value('cardstock_refused_batches_total', labels), 0);
  t.false(await leads(standby));
  t.is((await scrapeWriter(standby)).value('cardstock_commit_commands_count', labels), 0);
});

test.serial('the writer that takes over leads, and knows where it starts', async (t) => {
  const [leader, standby] = await leaderFirst();
  leader.child.kill('SIGKILL');
  await leader.exited;
  while (!(await leads(standby)));
  const sequence = Number(await exchange.redis.hget(`{${exchange.shard}}:state`, 'sequence'));
  while ((await scrapeWriter(standby)).value('cardstock_committed_sequence') !== sequence);
  t.pass();
});

test.serial('a writer whose port is taken says which variable sets it, and writes', async (t) => {
  const alive = exchange.processes.writer.find(({ child }) => child.signalCode === null)!;
  const port = String(await portOf(alive, 'serving metrics'));
  const third = await exchange.start('writer', { WRITER_METRICS_PORT: port });
  t.truthy(await lineWith(third, 'WRITER_METRICS_PORT', 'EADDRINUSE'));
  alive.child.kill('SIGKILL');
  const alice = await exchange.trader(1);
  const { body } = await alice.post('/orders', order);
  t.is((await alice.get(`/orders/${body.id}`)).status, 200);
});
