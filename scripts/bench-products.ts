// Measures what many products cost: until they trade, until processes that start again are ready, and at rest.
//
// Why: an exchange for cards has tens of thousands of them, and most are traded now and then.
//
// Usage: npm run bench:products                            20,000 products over four shards
//        npm run bench:products -- --products 1000 --shards 2
//        npm run bench:products -- --help

import { writeFileSync } from 'node:fs';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { jsonFile, whole } from './console/options.ts';
import { withArranged } from './lab/arranged.ts';
import { describeProducts } from './lab/bench/catalogue/report.ts';
import { measureProducts } from './lab/bench/catalogue/run.ts';
import { describeMachine, machineLine } from './lab/bench/machine.ts';
import { shardNames } from './lab/bench/options.ts';

type Options = {
  readonly products: number;
  readonly shards: number;
  readonly idleSeconds: number;
  readonly cluster?: true;
  readonly json?: string;
};

/** One is bought after they were added, another after the restart. */
const fewestOfShard = 2;

async function run({ shards, cluster, json, ...plan }: Options): Promise<void> {
  if (plan.products < fewestOfShard * shards)
    throw new UsageError(`--products must be at least ${fewestOfShard} for each shard.`);
  const date = new Date().toISOString();
  const machine = describeMachine();
  console.error('Starting a private exchange.');
  const wanted = { cluster: cluster === true, each: 2, tcp: false, shards: shardNames(shards) };
  const result = await withArranged(wanted, console.error, (exchange) => measureProducts(exchange, plan));
  console.log(`${describeProducts(result)}${machineLine(machine)}`);
  if (json !== undefined)
    writeFileSync(
      json,
      `${JSON.stringify({ date, ...result, idleSeconds: plan.idleSeconds, machine }, null, 2)}\n`,
    );
}

const says = `Adds products as rows, in one transaction, to the shards of a private exchange, and tells how long it takes until all of them
trade. Places an order in each, and lets one trade on each shard. Then starts api, matcher and writer again, tells how long each takes to
be ready, and lets another one trade on each shard.

CPU and memory by process are measured at rest: before there are products, with all of them, and after the restart. Memory is
resident: what each process has alone, and the largest share of what those of a kind share. CPU is counted in hundredths of a second.`;

await main(
  command('npm run bench:products', says)
    .addOption(whole('--products <n>', 'products to add', [2, 100_000]).default(20_000))
    .addOption(whole('--shards <n>', 'that they are added to in turn', [1, 16]).default(4))
    .addOption(whole('--idle-seconds <n>', 'length of each measurement at rest', [1, 3_600]).default(10))
    .option('--cluster', 'on the arrangement of npm run cluster, which needs HAProxy and pg_basebackup')
    .addOption(jsonFile())
    .action(run),
);
