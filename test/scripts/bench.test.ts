import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { Client } from 'pg';
import { noRules } from '../../core/product.ts';
import type { Command, Place } from '../../core/wire/commands.ts';
import { UsageError } from '../../scripts/console/errors.ts';
import { cards, readBenchOptions } from '../../scripts/lab/bench/options.ts';
import { type BenchOrder, createOrders, jsonOf } from '../../scripts/lab/bench/orders.ts';
import { replay, VerificationError } from '../../scripts/lab/bench/replay.ts';
import { checkTables } from '../../scripts/lab/bench/verify.ts';
import { createLevelBook } from '../../scripts/lab/model/level-book.ts';
import { createRandom } from '../../scripts/lab/model/random.ts';
import { findHaproxy } from '../../scripts/launcher/cluster/haproxy.ts';
import { migrate } from '../../sql/migrate.ts';
import { applyNaively, newNaiveExchange } from '../support/naive-book.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** Runs it, and returns what it printed and wrote. */
async function bench(t: ExecutionContext, words: readonly string[]) {
  const folder = mkdtempSync(`${tmpdir()}/cardstock-bench-test-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const json = `${folder}/bench.json`;
  const { stdout } = await run(process.execPath, [`${root}scripts/bench.ts`, ...words, '--json', json], {
    cwd: root,
  });
  return { stdout, result: JSON.parse(readFileSync(json, 'utf8')) };
}

test('a small bench runs to its end, verifies itself and writes what it measured', async (t) => {
  const options = [
    '--orders',
    '3000',
    '--batch',
    '100',
    '--connections',
    '2',
    '--cancels',
    '0.1',
    '--subscribers',
    '1',
  ];
  const { stdout, result } = await bench(t, options);
  t.regex(stdout, /3,000 orders in [\d.]+ s/);
  const { cpuSecondsPerMillion, ratios } = result;
  t.like(result, { orders: 3_000, refusedBatches: 0 });
  t.true(result.cancels > 0);
  t.true(result.messagesTold > 2 * 3_000, 'of each order that it was received, and what became of it');
  t.regex(result.tradesSha256, /^[0-9a-f]{64}$/);
  const costs = ['total', 'redis', 'postgres', 'api', 'matcher', 'writer', 'load'];
  t.deepEqual(Object.keys(cpuSecondsPerMillion).sort(), costs.sort());
  const { seconds, acceptedPerSecond, matchedPerSecond, committedPerSecond } = result;
  const rates = [seconds, acceptedPerSecond, matchedPerSecond, committedPerSecond];
  for (const rate of [...rates, ratios.copy]) t.true(rate > 0);
});

type OfShard = { shard: string; commands: number; trades: number; resting: number };

/** Half of the orders on each of two shards; each has its own sequence, which was replayed. */
function isOfTwoShards(t: ExecutionContext, { shards, trades }: { shards: OfShard[]; trades: number }) {
  t.deepEqual(
    shards.map(({ shard }) => shard),
    ['main', 'cards2'],
  );
  const [main, second] = shards as [OfShard, OfShard];
  t.is(trades, main.trades + second.trades);
  for (const one of shards) {
    t.true(one.commands > 800 && one.trades > 100, `${one.shard} has its share`);
    t.true(one.resting < one.commands - one.trades);
  }
  return main.commands + second.commands;
}

test('orders go half and half to two shards, which are verified each by itself', async (t) => {
  const words = ['--orders', '2000', '--batch', '100', '--shards', '2', '--tcp', '--no-limits'];
  const { stdout, result } = await bench(t, words);
  t.regex(stdout, /plain, by TCP; shards main, cards2/);
  // Each has four cards; the first one a funded product beside them.
  t.is(isOfTwoShards(t, result), 2_000 + 4 + 1 + 4);
  t.is(result.cpuSecondsPerMillionWithoutReplicas, null);
});

const onCluster = findHaproxy() ? test : test.skip;

onCluster(
  'a bench on a cluster tells the CPU of each kind of process, and what replicas have of it',
  async (t) => {
    const words = ['--orders', '2000', '--batch', '100', '--shards', '2', '--cluster', '--no-limits'];
    const { stdout, result } = await bench(t, words);
    t.regex(stdout, /cluster, with 2 of api, matcher and writer; shards main, cards2/);
    // The cluster's own second shard has two cards more, and two matchers that start may both announce a product.
    const announced = 4 + 1 + 4 + 2;
    const commands = isOfTwoShards(t, result);
    t.true(commands >= 2_000 + announced && commands <= 2_000 + 2 * announced, `${commands} commands`);
    const { total, ...costs } = result.cpuSecondsPerMillion;
    const kinds = ['redis', 'postgres', 'replicas', 'standby', 'haproxy', 'api', 'matcher', 'writer', 'load'];
    t.deepEqual(Object.keys(costs).sort(), kinds.sort());
    // Others may take less for so few orders than a tick of the clock, 10 ms.
    for (const kind of ['redis', 'postgres', 'api', 'writer'])
      t.true(costs[kind] > 0, `${kind} used the processor`);
    const without = total - costs.replicas - costs.standby;
    t.true(Math.abs(result.cpuSecondsPerMillionWithoutReplicas - without) < 0.001);
  },
);

test('the second book trades as the naive book does', (t) => {
  const products = ['A-USD', 'B-USD'];
  const mix = {
    products: products.map((productId) => ({ productId, weight: 1 })),
    sizes: { from: 1, to: 5 },
  };
  const next = createOrders({ ...mix, seed: 7 });
  const random = createRandom(8);
  const naive = newNaiveExchange();
  const book = createLevelBook();
  const origin = { time: 0, requestId: null };
  for (const productId of products)
    applyNaively(naive, {
      kind: 'product',
      productId,
      status: 'online',
      version: 1,
      funding: null,
      rules: noRules,
      ...origin,
    });
  const placed: { id: number; traderId: number }[] = [];
  for (let id = products.length + 1; id < 3_000; id++) {
    const canceled = random(1, 5) === 1 ? placed[random(0, placed.length - 1)] : undefined;
    const order = next();
    const { traderId } = canceled ?? order;
    const command: Command = canceled
      ? { kind: 'cancel', traderId, orderId: canceled.id, productId: null, ...origin }
      : { kind: 'place', ...order, ...usual, ...origin };
    const matches = applyNaively(naive, command).events.flatMap((event) =>
      event.kind === 'match' ? [[event.tradeId, event.makerOrderId, event.price, event.size]] : [],
    );
    if (canceled) book.cancel(canceled.id, traderId);
    const trades = canceled ? [] : book.place(id, order);
    t.deepEqual(
      trades.map(([, , tradeId, maker, , price, size]) => [tradeId, maker, price, size]),
      matches,
    );
    if (!canceled) placed.push({ id, traderId });
  }
  t.is(book.resting(), naive.resting.length);
  t.true(book.resting() > 100);
});

type Usual = Omit<
  Place,
  'kind' | 'traderId' | 'productId' | 'side' | 'price' | 'size' | 'time' | 'requestId'
>;
const usual: Usual = {
  ...{ stop: null, stopPrice: null, expireTime: null, maxFloor: null },
  funds: null,
  timeInForce: 'GTC',
  postOnly: false,
  selfTradePrevention: 'none',
  clientOid: null,
};

test('a recorded trade that the rules do not give is found, and so is a lost order', async (t) => {
  const schema = `bench_${randomBytes(6).toString('hex')}`;
  const given = process.env.DATABASE_URL!;
  const databaseUrl = `${given}${given.includes('?') ? '&' : '?'}options=-c%20search_path%3D${schema}`;
  await migrate(databaseUrl);
  const client = new Client(databaseUrl);
  await client.connect();
  t.teardown(async () => {
    await client.query(`drop schema ${schema} cascade`);
    await client.end();
  });
  await client.query(`select add_partition(1, 1000)`);
  await client.query(`
    insert into orders (id, price, size, filled_size, executed_value, created_at, trader_id, side, time_in_force,
      self_trade_prevention, status, done_reason, post_only, product_id)
    values (1, 500, 2, 1, 500, now(), 1, 'sell', 'GTC', 'none', 'open', null, false, 'A-USD'),
      (2, 600, 1, 1, 500, now(), 2, 'buy', 'GTC', 'none', 'done', 'filled', false, 'A-USD')`);
  await client.query(`insert into feeds values ('A-USD', 1, 5)`);
  await client.query(`
    insert into trades (sequence, trade_id, maker_order_id, taker_order_id, price, size, created_at, maker_trader_id,
      taker_trader_id, taker_side, product_id)
    values (2, 1, 1, 2, 500, 1, now(), 1, 2, 'buy', 'A-USD')`);
  await checkTables({ databaseUrl }, { orders: 2, cancels: 0 });
  t.like(await replay(databaseUrl), { commands: 2, trades: 1, resting: 1 });

  await client.query('update trades set price = 501');
  await t.throwsAsync(replay(databaseUrl), { instanceOf: VerificationError, message: /recorded: .*501/ });
  await t.throwsAsync(checkTables({ databaseUrl }, { orders: 2, cancels: 0 }), {
    message: /same lots and values/,
  });
  await t.throwsAsync(checkTables({ databaseUrl }, { orders: 3, cancels: 0 }), { message: /3 orders .* 2 / });
  t.like(await replay(databaseUrl, 1), { commands: 0, trades: 0, resting: 0 });
  const [first, beyond] = [2 ** 44 + 1, 2 ** 44 + 1_000];
  await client.query(`select add_partition(${first}, ${beyond})`);
  await client.query(`insert into commands (sequence, line) values (${first}, 'cancel 1 ${first}')`);
  t.like(await replay(databaseUrl, 1), { commands: 1, trades: 0, resting: 0 });
  await client.query(`insert into commands (sequence, line) values (${first + 2}, 'cancel 1 ${first}')`);
  await t.throwsAsync(replay(databaseUrl, 1), {
    message: `The sequence has a gap: ${first + 1} is missing, ${first + 2} follows.`,
  });
  await client.query('delete from orders where id = 1');
  await t.throwsAsync(replay(databaseUrl), { message: /1 is missing, 2 follows/ });
});

test('the same seed gives the same orders, another seed others', (t) => {
  const first = (seed: number): BenchOrder[] => {
    const next = createOrders({
      products: [{ productId: 'A-USD', weight: 1 }],
      sizes: { from: 1, to: 9 },
      seed,
    });
    return Array.from({ length: 20 }, next);
  };
  t.deepEqual(first(1), first(1));
  t.notDeepEqual(first(1), first(2));
  t.notThrows(() => first(3).map((order) => JSON.parse(jsonOf(order))));
});

const wrong: [string[], RegExp][] = [
  [['--orders', 'many'], /--orders must be a whole number/],
  [['--batch', '1001'], /--batch .* 1 to 1000/],
  [['--cancels', '2'], /--cancels must be a number from 0 to 1/],
  [['--sizes', '5-1'], /--sizes must be a range/],
  [['--products', 'pikachu'], /"pikachu" is no product/],
  [['--cancels', '0.5', '--async'], /--async goes with neither/],
  [['--shards', '2', '--products', 'PIKACHU-USD'], /--shards goes with the usual products only/],
  [['--each', '1'], /--each goes with --cluster only/],
  [['--cluster', '--tcp'], /--cluster is by TCP/],
  [['--speed', '9'], /'--speed'/],
];
for (const [args, message] of wrong) {
  test(`"${args.join(' ')}" is refused in words`, (t) => {
    t.throws(() => readBenchOptions(args), { instanceOf: UsageError, message });
  });
}

test('without options a million orders of the four cards are sent', (t) => {
  const options = readBenchOptions([]);
  t.like(options, { orders: 1_000_000, batch: 1_000, async: true, cancels: 0, subscribers: 0 });
  t.like(options, { shards: ['main'], cluster: false, tcp: false });
  t.deepEqual(
    options.products.map(({ productId }) => productId),
    cards,
  );
});

test('a second shard has as many products, of other names', (t) => {
  const { shards, products } = readBenchOptions(['--shards', '2']);
  t.deepEqual(shards, ['main', 'cards2']);
  t.deepEqual(
    products.map(({ productId, shard }) => `${productId} ${shard}`),
    [...cards.map((card) => `${card} main`), ...cards.map((card) => `${card.replace('-', '2-')} cards2`)],
  );
});
