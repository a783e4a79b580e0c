import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import test, { type ThrowsExpectation } from 'ava';
import { createLog } from '../../core/log.ts';
import { formatAmount, type Increment } from '../../core/units.ts';
import type { Command, Place } from '../../core/wire/commands.ts';
import type { Report } from '../../core/wire/reports.ts';
import { match, usualRunSteps } from '../../matcher/client.ts';
import { readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import { DifferenceError } from '../../scripts/ops/replay/compare.ts';
import { InterruptedError } from '../../scripts/ops/replay/namespace.ts';
import { GapInRecordError } from '../../scripts/ops/replay/recorded.ts';
import { type ReplayOptions, replay } from '../../scripts/ops/replay/replay.ts';
import { openPool } from '../../sql/pool.ts';
import {
  amendCommand,
  cancelCommand,
  depositCommand,
  placeCommand,
  productCommand,
} from '../support/commands.ts';
import { execute } from '../support/database.ts';
import { openEngine, submitAll } from '../support/engine.ts';
import { start } from '../support/funded-shard.ts';
import { followersOf } from '../support/naive-batch.ts';
import { applyNaively, newNaiveExchange } from '../support/naive-book.ts';
import { byPlace, shownOf } from '../support/naive-trading.ts';
import { draftsWithBatches } from '../support/random-commands.ts';
import { historyDatabase, randomCommands } from '../support/random-history.ts';
import { redisUrl, useRedis } from '../support/redis.ts';
import { seed } from '../support/seed.ts';
import { persistedThrough, startWriter } from '../support/writer.ts';

const { redis, newShard } = useRedis();
const id = (offset: number): number => start + offset;
const commands = randomCommands(2_600, draftsWithBatches);
const run = promisify(execFile);

type Recorded = { readonly shard: string; readonly url: string };
const drops: (() => Promise<void>)[] = [];
test.after.always(async () => {
  for (const drop of drops) await drop();
});

/** The commands, so many of them matched, through matcher and writer into a database of their own. */
async function record(all: readonly Command[], matched = all.length): Promise<Recorded> {
  const shard = newShard();
  const { url, drop } = await historyDatabase(shard);
  drops.push(drop);
  const writer = await startWriter(url, shard, { partitionSize: 1_500 });
  const engine = await openEngine(redis, shard, start);
  await submitAll(engine, all);
  const bounds = { size: 500, steps: usualRunSteps, through: start + matched };
  for (let run = await match(redis, shard, bounds); run.matched < bounds.through; )
    run = await match(redis, shard, bounds);
  const pool = await openPool(url, createLog('test', 'silent'), { maxPoolSize: 1, statementTimeout: 10_000 });
  await persistedThrough(pool, shard, start + matched);
  await writer.stop();
  await pool.end();
  return { shard, url };
}

let random: Recorded;
test.before(async (t) => {
  t.log(`SEED=${seed}`);
  random = await record(commands);
});

const quiet = {
  ...{ until: null, explain: null, depth: 1_000, resume: false, pageSize: 1_000, archives: null },
  takingIn: () => {},
};

function replayOf({ shard, url }: Recorded, options: Partial<ReplayOptions> = {}) {
  return replay({
    ...{ ...quiet, databaseUrl: url, redisUrl: redisUrl(), environment: readEnvironment(), shard },
    ...{ signal: new AbortController().signal, progress: () => {} },
    ...options,
  });
}

const keysOf = ({ shard }: Recorded): Promise<string[]> => redis.keys(`{replay-${shard}}:*`);

function naiveAfter(count: number) {
  const naive = newNaiveExchange(start);
  const reports = commands
    .slice(0, count)
    .map((command, i) => applyNaively(naive, command, followersOf(commands, i)));
  return { naive, reports };
}

const sha256 = (lines: readonly string[]): string =>
  createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex');

test.serial(
  'a replay is equal to the record, has the same hashes each time, and leaves nothing behind',
  async (t) => {
    const { naive, reports } = naiveAfter(commands.length);
    const orders = bookLines(naive);
    const trades = reports.flatMap(tradeLines);
    const expected = {
      ...{ shard: random.shard, first: id(1), last: id(commands.length) },
      ...{
        trades: trades.length,
        tradesSha256: sha256(trades),
        resting: orders.length,
        booksSha256: sha256(orders),
      },
    };
    t.like(await replayOf(random), expected);
    // Pages that end within batches.
    t.like(await replayOf(random, { pageSize: 37 }), expected);
    t.deepEqual(await keysOf(random), []);
  },
);

/** Trades as the script's head says, from what a naive exchange reports. */
function tradeLines({ sequence, productId, events }: Report): string[] {
  return events
    .filter((event) => event.kind === 'match')
    .map((m) =>
      [
        ...[sequence, productId, m.tradeId, m.makerOrderId, m.takerOrderId, m.price, m.size, m.makerTraderId],
        ...[m.takerTraderId, m.takerSide],
        ...(m.makerFee && m.takerFee ? [m.makerFee.units, m.takerFee.units] : []),
      ].join('\t'),
    );
}

type Naive = ReturnType<typeof newNaiveExchange>;

const halfOf = (naive: Naive, productId: string, side: 'buy' | 'sell') => {
  const sign = side === 'buy' ? -1 : 1;
  return naive.resting
    .filter((order) => order.productId === productId && order.side === side)
    .sort((a, b) => (a.price! - b.price!) * sign || byPlace(a, b));
};

type Line = Record<'price' | 'place' | 'id' | 'traderId' | 'size', number | null> &
  Record<'productId' | 'side', string>;

function lineOf(o: Line, remaining: number, hidden: number): string {
  const fields = [o.productId, o.side, o.price, o.place, o.id, o.traderId, remaining, o.size];
  return (hidden > 0 ? [...fields, hidden] : fields).join('\t');
}

function bookLines(naive: Naive): string[] {
  return ['A-USD', 'B-USD'].flatMap((productId) =>
    (['buy', 'sell'] as const).flatMap((side) =>
      halfOf(naive, productId, side).map((o) => lineOf(o, shownOf(o), o.remaining - shownOf(o))),
    ),
  );
}

for (const count of [1, 700, 1_001])
  test.serial(`the books after ${count} commands are the naive ones`, async (t) => {
    const { books, last } = await replayOf(random, { until: id(count) });
    t.is(last, id(count));
    const { naive } = naiveAfter(count);
    const lines = books!.flatMap(({ bids, asks }) =>
      [...bids, ...asks].flatMap(({ orders }) => orders.map((o) => lineOf(o, o.remaining, o.hidden ?? 0))),
    );
    t.deepEqual(lines, bookLines(naive));
  });

/** A sell that traded as it came in, and would not have at a higher price; trades of its sequence may be those of others. */
const sold = `(select min(o.id) from orders o join trades t on t.sequence = o.id and t.taker_order_id = o.id
  where o.side = 'sell' and o.price is not null)`;
/** What is not as it was played, and the error that says so. */
const tamperings = [
  {
    says: 'the size of a trade',
    change: `update trades set size = size + 1 where product_id = 'A-USD' and trade_id = 5`,
    putBack: `update trades set size = size - 1 where product_id = 'A-USD' and trade_id = 5`,
    error: {
      instanceOf: DifferenceError,
      message:
        /command: (place|order|amend|product) .*\n {2}recorded as traded:\n(.*\n)*.* A-USD 5 (.*\n)* {2}replayed as traded:\n(.*\n)*.* A-USD 5 /,
    },
  },
  {
    says: 'a trade that nobody made',
    change: `insert into trades select ${id(1)}, 0, maker_order_id, taker_order_id, price, size, created_at, maker_trader_id,
      taker_trader_id, taker_side, product_id from trades limit 1`,
    putBack: `delete from trades where trade_id = 0`,
    error: { instanceOf: DifferenceError, message: /replayed as traded:\n {4}nothing/ },
  },
  {
    says: 'the price of an order',
    change: `update orders set price = price + 100 where id = ${sold}`,
    putBack: `update orders set price = price - 100 where id = ${sold}`,
    error: { instanceOf: DifferenceError, message: /is not as it was recorded/ },
  },
  {
    says: 'a command that was refused',
    change: `update commands set reject_reason = 'offline' where sequence = ${id(1)}`,
    putBack: `update commands set reject_reason = null where sequence = ${id(1)}`,
    error: {
      instanceOf: DifferenceError,
      message: /command: product A-USD online .*\n {2}recorded as refused:\n {4}\d+ offline/,
    },
  },
  {
    says: 'a missing command',
    change: `update commands set sequence = ${id(2_700)} where sequence = ${id(1)}`,
    putBack: `update commands set sequence = ${id(1)} where sequence = ${id(2_700)}`,
    error: { instanceOf: GapInRecordError },
  },
];

for (const { says, change, putBack, error } of tamperings)
  test.serial(`a replay notices ${says}`, async (t) => {
    await execute(random.url, change);
    t.teardown(() => execute(random.url, putBack));
    const replayed = replayOf(random, { until: id(2_400) });
    await t.throwsAsync(replayed, error as ThrowsExpectation<Error>);
    t.deepEqual(await keysOf(random), []);
  });

test.serial('an interrupted replay goes on where it was, and comes to the same hashes', async (t) => {
  const whole = await replayOf(random);
  const dataDir = mkdtempSync(`${tmpdir()}/replay-`);
  t.teardown(() => rmSync(dataDir, { recursive: true }));
  const alone = { redisUrl: null, environment: { ...readEnvironment(), dataDir } };
  const stop = new AbortController();
  const interrupted = replayOf(random, { ...alone, signal: stop.signal, progress: () => stop.abort() });
  await t.throwsAsync(interrupted, { instanceOf: InterruptedError, message: new RegExp(`${id(1_000)}`) });
  const places: number[] = [];
  const resumed = await replayOf(random, { ...alone, resume: true, progress: ({ at }) => places.push(at) });
  t.deepEqual(places, [id(2_000), id(commands.length)]);
  const { trades, tradesSha256, booksSha256, resting } = whole;
  t.like(resumed, { trades, tradesSha256, booksSha256, resting });
  t.deepEqual(readdirSync(dataDir), []);
});

test.serial(
  'what an interrupted replay left in a given Redis stays there until one comes to its end',
  async (t) => {
    const stop = new AbortController();
    const interrupted = replayOf(random, { signal: stop.signal, progress: () => stop.abort() });
    await t.throwsAsync(interrupted, { instanceOf: InterruptedError });
    t.not((await keysOf(random)).length, 0);
    await t.throwsAsync(replayOf(random, { resume: true, until: id(500) }), {
      message: /leave --resume out/,
    });
    await replayOf(random, { until: id(500) });
    t.deepEqual(await keysOf(random), []);
  },
);

const place = (different: Partial<Place>): Place => placeCommand({ productId: 'B-USD', ...different });
/** Order 5 of trader 3 is explained: a buy of 6 at 50, which waits behind two, and is amended at last. */
const story: Command[] = [
  productCommand({ productId: 'B-USD' }),
  place({ traderId: 1, side: 'buy', price: 52, size: 2 }),
  place({ traderId: 2, side: 'buy', price: 50, size: 4 }),
  place({ traderId: 4, side: 'sell', price: 60, size: 1 }),
  place({ traderId: 3, side: 'buy', price: 50, size: 6 }),
  place({ traderId: 4, side: 'buy', price: 51, size: 1 }),
  cancelCommand({ traderId: 1, orderId: id(2) }),
  place({ traderId: 9, side: 'sell', price: 49, size: 7 }),
  amendCommand({ traderId: 3, orderId: id(5), size: 5 }),
  depositCommand(),
  amendCommand({ traderId: 3, orderId: id(5), price: 60 }),
  cancelCommand({ traderId: 3, orderId: id(5) }),
  place({ traderId: 3, side: 'buy', price: 1, size: 1 }),
];

/** Sequences as they are counted above. */
const fromOne = (line: string): string =>
  line.trim().replace(/\d{15}/g, (sequence) => String(Number(sequence) - start));

test.serial(
  'an explanation names who was before an order, and why each of its trades came when it did',
  async (t) => {
    const told = await record(story);
    const { explanation, last } = await replayOf(told, { explain: id(5) });
    t.deepEqual(explanation!.lines.map(fromOne), [
      'Order 5',
      '5  comes in at 1.50: it cannot trade: the best of the other side is 1 order with 1: #4 (1 at 1.80)',
      '5  before it at better prices: 1 order with 2: #2 (2 at 1.56)',
      '5  before it at its own price: 1 order with 4: #3 (4 at 1.50)',
      '5  rests with 6, behind the 2 before it',
      '8  trade 3: order 8 of trader 9 (sell at 1.47) takes 2 at 1.50; of the 2 before it 1 canceled, 1 filled; the same order took #6, #3 first',
      '9  amended: 3 left at 1.50, place kept',
      '11  comes in at 1.80: it can trade with 1 order with 1: #4 (1 at 1.80)',
      '11  nobody is before it at its own price',
      '11  amended: 3 left at 1.80, place lost',
      '11  trade 4: takes 1 at 1.80 from order 4 of trader 4, then the best of the other side',
      '11  rests with 2, behind nobody',
      '12  done (canceled), with 2 left',
      '',
    ]);
    t.true(last <= id(13));
    await t.throwsAsync(replayOf(told, { explain: id(7) }), { message: /no order/ });
  },
);

/** Makers before the order itself, by the naive rules, for takers of random histories. */
test.serial(
  'explanations of random orders name the makers that they took, and end as recorded',
  async (t) => {
    const { reports } = naiveAfter(commands.length);
    const takers = reports.filter(
      ({ command, events }) =>
        command.kind === 'place' && events.filter(({ kind }) => kind === 'match').length > 1,
    );
    for (const report of takers.slice(0, 2)) {
      const { explanation } = await replayOf(random, { explain: report.sequence });
      const made = report.events.flatMap((event) =>
        event.kind === 'match' && event.takerOrderId === report.sequence ? [event.makerOrderId] : [],
      );
      const named = explanation!.lines
        .flatMap((line) => / from order (\d+) /.exec(line)?.[1] ?? [])
        .map(Number);
      t.deepEqual(named.slice(0, made.length), made);
    }
  },
);

test('the command prints books and hashes, with a private Redis that it removes afterwards', async (t) => {
  const folder = mkdtempSync(`${tmpdir()}/replay-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = `${folder}/replay.json`;
  const env = { ...process.env, DATABASE_URL: random.url, DATA_DIR: `${folder}/data` };
  const last = String(id(300));
  const args = ['--shard', random.shard, '--until', last, '--json', file];
  const { stdout } = await run(process.execPath, ['scripts/replay.ts', ...args], { env });
  const { naive } = naiveAfter(300);
  const best = halfOf(naive, 'A-USD', 'buy')[0];
  if (best)
    t.true(stdout.includes(`bid ${formatAmount(best.price!, threeCents)}: ${shownOf(best)}#${best.id}`));
  t.regex(stdout, /every outcome and every trade is as recorded/);
  const json = JSON.parse(readFileSync(file, 'utf8'));
  t.deepEqual(
    json.books[0].bids.map((entry: [string, string, number]) => entry[2]).slice(0, 3),
    halfOf(naive, 'A-USD', 'buy')
      .slice(0, 3)
      .map((order) => order.id),
  );
  t.regex(stdout, new RegExp(json.tradesSha256));
  t.false(existsSync(`${folder}/data/replay-${random.shard}`));
});

test('what cannot be replayed is said', async (t) => {
  const env = { ...process.env, DATABASE_URL: random.url };
  const start = (...args: string[]) =>
    run(process.execPath, ['scripts/replay.ts', '--redis', redisUrl(), ...args], { env });
  const rejects = async (args: string[], message: RegExp): Promise<void> => {
    const error = (await t.throwsAsync(start(...args))) as unknown as { stderr: string; code: number };
    t.is(error.code, 1);
    t.regex(error.stderr, message);
  };
  await Promise.all([
    rejects(['--shard', 'nowhere'], /PostgreSQL has no shard nowhere/),
    rejects(['--until', 'noon'], /--until must be a whole number/),
  ]);
});

const threeCents: Increment = { digits: 2, units: 3 };

test.serial(
  'a replay ends within a batch where it is told to, and before one that is not recorded whole',
  async (t) => {
    const isLarge = (command: Command): boolean => command.kind === 'batch' && command.count > 1;
    const head = commands.findLastIndex((command, i) => isLarge(command) && i < 2_000);
    const { count } = commands[head] as { readonly count: number };
    for (const until of [head + 1, head + 2, head + 1 + count])
      t.like(await replayOf(random, { until: id(until), pageSize: 100 }), {
        last: id(until),
        trades: naiveAfter(until).reports.flatMap(tradeLines).length,
        booksSha256: sha256(bookLines(naiveAfter(until).naive)),
      });
    const half = await record(commands.slice(0, head + 1 + count), head + 2);
    t.like(await replayOf(half), { last: id(head) });
  },
);
