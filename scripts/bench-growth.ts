// Measures what growth costs: stored orders up to many millions, books up to hundreds of thousands of resting orders.
//
// Why: an exchange that is fast when empty has shown nothing. Commit rate and reads are to stay as they are.
//
// Usage: npm run bench:growth                              to 20 million orders; half an hour and 30 GB of disk at most
//        npm run bench:growth -- --orders 1000000
//        npm run bench:growth -- --help

import { writeFileSync } from 'node:fs';
import { withExchange } from './lab/bench/exchange.ts';
import { type BookRow, growBooks } from './lab/bench/growth/books.ts';
import type { Latency } from './lab/bench/growth/reads.ts';
import { growStored, type StoredRow } from './lab/bench/growth/stored.ts';
import { describeMachine } from './lab/bench/machine.ts';
import { integer, integers, parseWith, UsageError } from './lab/bench/options.ts';
import { VerificationError } from './lab/bench/replay.ts';
import { count } from './lab/bench/report.ts';
import { StartError } from './launcher/servers/errors.ts';

const help = `Usage: npm run bench:growth -- [options]

On private exchanges: commit rate, reads of the latest 50, and bytes per order as stored orders grow; matching rate as
the orders that rest in a book grow.

  --orders N         stop there                                      20000000
  --milestones LIST  where to measure                                1000000,5000000,20000000
  --books LIST       resting orders of the books; none: 0            1000,10000,100000,500000
  --book-orders N    orders that add to and take from each book      200000
  --minutes N        start nothing that would end later              30
  --seed N           of the orders                                   1
  --json FILE        write everything there as well
  --help

Settings of api, matcher and writer (PARTITION_SIZE, …) are taken from the environment.`;

function readOptions(args: readonly string[]) {
  const text = (byDefault: string) => ({ type: 'string', default: byDefault }) as const;
  const values = parseWith(args, {
    orders: text('20000000'),
    milestones: text('1000000,5000000,20000000'),
    books: text('1000,10000,100000,500000'),
    'book-orders': text('200000'),
    minutes: text('30'),
    seed: text('1'),
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  const orders = integer('orders', values.orders, 1_000, 1e9);
  const milestones = integers('milestones', values.milestones).filter((milestone) => milestone < orders);
  return {
    help: values.help,
    milestones: [...milestones, orders],
    books: values.books === '0' ? [] : integers('books', values.books),
    bookOrders: integer('book-orders', values['book-orders'], 1_000, 1e8),
    minutes: integer('minutes', values.minutes, 1, 10_000),
    seed: integer('seed', values.seed, 0, 2 ** 31),
    json: values.json,
  };
}

function latency({ p50, p99 }: Latency): string {
  return `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
}

function line(cells: readonly string[]): void {
  console.log(cells.map((cell) => cell.padStart(21)).join(''));
}

function showBook({ resting, matchedPerSecond, redisSecondsPerMillion, bookLevels }: BookRow): void {
  line([count(resting), count(matchedPerSecond), redisSecondsPerMillion.toFixed(1), latency(bookLevels)]);
}

function showStored(row: StoredRow): void {
  const { orders, committedPerSecond, postgresSecondsPerMillion, bytesPerOrder } = row;
  const costs = [count(committedPerSecond), postgresSecondsPerMillion.toFixed(1), count(bytesPerOrder)];
  line([count(orders), ...costs, latency(row.latestOrders), latency(row.latestTrades)]);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(help);
    return;
  }
  const { milestones, minutes, seed, books: sizes, bookOrders: orders } = options;
  const date = new Date().toISOString();
  const machine = describeMachine();
  line(['orders in a book', 'matched/s', 'redis s / million', 'book p50 / p99 ms']);
  const books = await withExchange(
    (exchange) => growBooks({ exchange, sizes, orders, seed, take: showBook }),
    console.error,
  );
  console.log('');
  line([
    'stored orders',
    'committed/s',
    'postgres s / million',
    'bytes per order',
    'orders p50 / p99 ms',
    'trades p50 / p99 ms',
  ]);
  const stored = await withExchange(
    (exchange) => growStored({ exchange, milestones, minutes, seed, take: showStored }),
    console.error,
  );
  if (stored.stoppedBy) console.log(`Not reached: ${stored.stoppedBy}.`);
  console.log(`\n${machine.cores} × ${machine.cpu}, load average ${machine.loadAverage} before the start`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ date, books, stored, machine }, null, 2)}\n`);
}

try {
  await main();
} catch (error) {
  const isPlain =
    error instanceof UsageError || error instanceof StartError || error instanceof VerificationError;
  console.error(isPlain ? error.message : error);
  // Not by itself: what was under way may wait for servers that are gone.
  process.exit(1);
}
