// Measures what growth costs: stored orders up to many millions, books up to hundreds of thousands of resting orders.
//
// Why: an exchange that is fast when empty has shown nothing. Commit rate and reads are to stay as they are.
//
// Usage: npm run bench:growth                              to 20 million orders; half an hour and 30 GB of disk at most
//        npm run bench:growth -- --orders 1000000
//        npm run bench:growth -- --help

import { writeFileSync } from 'node:fs';
import { command, main } from './console/command.ts';
import { count } from './console/figures.ts';
import { jsonFile, seedOf, whole, wholes } from './console/options.ts';
import { startTable } from './console/table.ts';
import { type BookRow, growBooks } from './lab/bench/growth/books.ts';
import type { Latency } from './lab/bench/growth/reads.ts';
import { type Growth, growStored, type StoredRow } from './lab/bench/growth/stored.ts';
import { describeMachine, machineLine } from './lab/bench/machine.ts';
import { withExchange } from './lab/exchange.ts';

type Options = {
  readonly orders: number;
  readonly milestones: readonly number[];
  readonly books: readonly number[];
  readonly bookOrders: number;
  readonly minutes: number;
  readonly seed: number;
  readonly json?: string;
};

function latency({ p50, p99 }: Latency): string {
  return `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
}

function measureBooks({ books: sizes, bookOrders: orders, seed }: Options): Promise<BookRow[]> {
  const print = startTable({
    ...{ 'orders in a book': 21, 'matched/s': 21 },
    ...{ 'redis s / million': 21, 'book p50 / p99 ms': 21 },
  });
  const take = ({ resting, matchedPerSecond, redisSecondsPerMillion, bookLevels }: BookRow): void =>
    print([count(resting), count(matchedPerSecond), redisSecondsPerMillion.toFixed(1), latency(bookLevels)]);
  return withExchange((exchange) => growBooks({ exchange, sizes, orders, seed, take }), console.error);
}

function measureStored({ orders, milestones, minutes, seed }: Options): Promise<Growth> {
  const print = startTable({
    ...{ 'stored orders': 21, 'committed/s': 21, 'postgres s / million': 21, 'bytes per order': 21 },
    ...{ 'orders p50 / p99 ms': 21, 'trades p50 / p99 ms': 21 },
  });
  const take = (row: StoredRow): void => {
    const costs = [row.committedPerSecond, row.postgresSecondsPerMillion, row.bytesPerOrder];
    const [rate, seconds, bytes] = costs as [number, number, number];
    const reads = [latency(row.latestOrders), latency(row.latestTrades)];
    print([count(row.orders), count(rate), seconds.toFixed(1), count(bytes), ...reads]);
  };
  const plan = { milestones: [...milestones.filter((one) => one < orders), orders], minutes, seed, take };
  return withExchange((exchange) => growStored({ exchange, ...plan }), console.error);
}

async function run(options: Options): Promise<void> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  const books = await measureBooks(options);
  console.log('');
  const stored = await measureStored(options);
  if (stored.stoppedBy) console.log(`Not reached: ${stored.stoppedBy}.`);
  console.log(machineLine(machine));
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ date, books, stored, machine }, null, 2)}\n`);
}

const says = `On private exchanges: commit rate, reads of the latest 50, and bytes per order as stored orders grow; matching rate as
the orders that rest in a book grow.

Settings of api, matcher and writer (PARTITION_SIZE, …) are taken from the environment.`;

await main(
  command('npm run bench:growth', says)
    .addOption(whole('--orders <n>', 'stop there', [1_000, 1e9]).default(20_000_000))
    .addOption(wholes('--milestones <list>', 'where to measure').default([1_000_000, 5_000_000, 20_000_000]))
    .addOption(
      wholes('--books <list>', 'resting orders of the books; none: 0').default([
        1_000, 10_000, 100_000, 500_000,
      ]),
    )
    .addOption(
      whole('--book-orders <n>', 'orders that add to and take from each book', [1_000, 1e8]).default(200_000),
    )
    .addOption(whole('--minutes <n>', 'start nothing that would end later', [1, 10_000]).default(30))
    .addOption(seedOf('orders').default(1))
    .addOption(jsonFile())
    .action(run),
);
