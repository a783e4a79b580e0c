// Measures what reads cost the primary PostgreSQL, with a replica for them and without.
//
// Why: a replica pays if it takes work from the one that commits, and each read still asks how far it is.
//
// Usage: npm run bench:replica
//        npm run bench:replica -- --orders 100000 --seconds 4 --rounds 1
//        npm run bench:replica -- --help

import { writeFileSync } from 'node:fs';
import { command, main } from './console/command.ts';
import { count } from './console/figures.ts';
import { jsonFile, seedOf, whole } from './console/options.ts';
import { startTable } from './console/table.ts';
import { describeMachine, machineLine } from './lab/bench/machine.ts';
import { measureReplica, type ReplicaRun } from './lab/bench/replica/run.ts';
import { withExchange } from './lab/exchange.ts';
import { withReplica } from './lab/replica.ts';

type Options = {
  readonly orders: number;
  readonly seconds: number;
  readonly connections: number;
  readonly rounds: number;
  readonly seed: number;
  readonly json?: string;
};

function startRows(): (run: ReplicaRun) => void {
  const print = startTable({
    ...{ list: -8, from: -9, reads: 9, 'of replica': 12, rows: 7, 'p50 ms': 8, 'p99 ms': 8 },
    ...{ 'primary µs': 12, 'replica µs': 12, 'api µs': 9 },
  });
  return ({
    list,
    from,
    requests,
    byReplica,
    rows,
    p50,
    p99,
    cpuMicroseconds: { primary, replica, api },
  }) => {
    const share = `${((byReplica / requests) * 100).toFixed(0)} %`;
    const times = [p50, p99].map((ms) => ms.toFixed(1));
    const costs = [primary, replica, api].map((micros) => micros.toFixed(0));
    print([list, from, count(requests), share, (rows / requests).toFixed(1), ...times, ...costs]);
  };
}

async function run({ json, ...plan }: Options): Promise<void> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  const runs: ReplicaRun[] = [];
  const log = console.error;
  await withReplica((replicated) => {
    const { databaseUrl } = replicated;
    const measure = async (exchange: Parameters<typeof measureReplica>[0]): Promise<void> => {
      log(`Placing ${count(plan.orders)} orders.`);
      let print: ReturnType<typeof startRows> | undefined;
      const take = (run: ReplicaRun): void => {
        print ??= startRows();
        print(run);
        runs.push(run);
      };
      await measureReplica(exchange, replicated, { ...plan, take });
    };
    return withExchange(measure, log, {}, { databaseUrl });
  }, log);
  console.log(machineLine(machine));
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ date, options: plan, runs, machine }, null, 2)}\n`);
}

const says = `A private exchange, whose PostgreSQL has a streaming replica, and two apis: one reads lists from the primary, the other has
DATABASE_READ_URL. Traders' latest 50 orders, and latest 50 fills of a card, are read through one and the other in turns, after orders
of all traders were placed. Each read is of another trader, so that none comes from the api's memory. Prints what a read costs in CPU of
both PostgreSQL and of the api that is asked.

Needs pg_basebackup (apt-get install postgresql).`;

await main(
  command('npm run bench:replica', says)
    .addOption(whole('--orders <n>', 'to place before, by ten thousand traders', [1, 1e8]).default(1_000_000))
    .addOption(whole('--seconds <n>', 'length of each run', [1, 3_600]).default(10))
    .addOption(whole('--connections <n>', 'keep-alive, each with one request', [1, 100]).default(4))
    .addOption(
      whole('--rounds <n>', 'of each list, from the primary and from the replica', [1, 100]).default(3),
    )
    .addOption(seedOf('orders').default(1))
    .addOption(jsonFile())
    .action(run),
);
