// Measures the stream of orders by gRPC beside the batches of REST, on one exchange and in turns.
//
// Why in turns: what a shared machine does in a second differs by a tenth from minute to minute; a ratio stays.
//
// Usage: npm run bench:grpc
//        npm run bench:grpc -- --orders 100000 --rounds 2
//        npm run bench:grpc -- --help

import { writeFileSync } from 'node:fs';
import { command, main } from './console/command.ts';
import { count, percentiles } from './console/figures.ts';
import { jsonFile, seedOf, whole } from './console/options.ts';
import { describeMachine, describeServers, machineLine } from './lab/bench/machine.ts';
import { measureLoad } from './lab/bench/measure.ts';
import { cards, evenly } from './lab/bench/options.ts';
import { type PrivateExchange, withExchange } from './lab/exchange.ts';
import { freePort } from './launcher/servers/ports.ts';

type Options = {
  readonly orders: number;
  readonly batch: number;
  readonly connections: number;
  readonly rounds: number;
  readonly seed: number;
  readonly json?: string | undefined;
};

type Run = {
  readonly transport: 'REST' | 'gRPC';
  readonly answers: 'on disk' | 'verdicts';
  readonly acceptedPerSecond: number;
  readonly committedPerSecond: number;
  /** Microseconds an order. */
  readonly cpu: Readonly<Record<string, number>>;
};

const ways = [
  { transport: 'REST', answers: 'on disk' },
  { transport: 'gRPC', answers: 'on disk' },
  { transport: 'REST', answers: 'verdicts' },
  { transport: 'gRPC', answers: 'verdicts' },
] as const;

async function runOnce(
  exchange: PrivateExchange,
  {
    way,
    grpcPort,
    options,
    seed,
  }: { way: (typeof ways)[number]; grpcPort: number; options: Options; seed: number },
): Promise<Run> {
  const { roots } = await describeServers(exchange);
  const { orders, batch, connections } = options;
  const measured = await measureLoad(exchange, roots, {
    ...{ orders, batch, connections, seed, cancels: 0 },
    ...{ products: evenly(cards), sizes: { from: 1, to: 1 }, async: way.answers === 'on disk' },
    grpcPort: way.transport === 'gRPC' ? grpcPort : null,
  });
  const { accepted, committed } = measured.perSecond;
  const each = Object.entries(measured.cpuSeconds).map(([name, seconds]) => [name, (seconds / orders) * 1e6]);
  const all = each.reduce((sum, [, micros]) => sum + (micros as number), 0);
  return {
    ...way,
    ...{ acceptedPerSecond: accepted, committedPerSecond: committed },
    cpu: { all, ...Object.fromEntries(each) },
  };
}

const names = ['api', 'redis', 'postgres', 'matcher', 'writer', 'load', 'all'];

function show({ transport, answers, acceptedPerSecond, committedPerSecond, cpu }: Run): void {
  const rates = [acceptedPerSecond, committedPerSecond].map((rate) => count(rate).padStart(12)).join('');
  const costs = names.map((name) => (cpu[name] ?? 0).toFixed(2).padStart(10)).join('');
  console.log(`${`${transport}, ${answers}`.padEnd(18)}${rates}${costs}`);
}

function showRatios(runs: readonly Run[]): void {
  for (const answers of ['on disk', 'verdicts'] as const) {
    const rateOf = (transport: Run['transport']): number =>
      percentiles(
        runs
          .filter((run) => run.transport === transport && run.answers === answers)
          .map((run) => run.committedPerSecond),
      )(0.5);
    console.log(
      `${answers}: gRPC commits ${(rateOf('gRPC') / rateOf('REST')).toFixed(2)} times the orders of REST (medians)`,
    );
  }
}

async function runAll(exchange: PrivateExchange, options: Options, grpcPort: number) {
  const machine = describeMachine();
  const runs: Run[] = [];
  const columns = names.map((name) => name.padStart(10)).join('');
  console.log(
    `${''.padEnd(18)}${'accepted/s'.padStart(12)}${'committed/s'.padStart(12)}${columns}  µs CPU an order`,
  );
  // Code that has not run yet is slow, by either way.
  const few = { ...options, orders: 20_000 };
  for (const way of ways) await runOnce(exchange, { way, grpcPort, options: few, seed: options.seed });
  for (let round = 0; round < options.rounds; round++)
    for (const way of ways) {
      const run = await runOnce(exchange, { way, grpcPort, options, seed: options.seed + round });
      runs.push(run);
      show(run);
    }
  showRatios(runs);
  return { runs, machine };
}

async function run(options: Options): Promise<void> {
  const grpcPort = await freePort();
  const result = await withExchange((exchange) => runAll(exchange, options, grpcPort), console.error, {
    GRPC_PORT: String(grpcPort),
  });
  console.log(machineLine(result.machine));
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ options, ...result }, null, 2)}\n`);
}

const says = `Sends the same orders in batches by POST /orders/batch and by the stream of orders of gRPC, in turns and on one private
exchange, until all of them are committed; prints rates, and microseconds of CPU an order.

Settings of api, matcher and writer (API_WORKERS, …) are taken from the environment.`;

await main(
  command('npm run bench:grpc', says)
    .addOption(whole('--orders <n>', 'of each run', [1, 1e9]).default(200_000))
    .addOption(whole('--batch <n>', 'orders of a batch', [1, 1_000]).default(100))
    .addOption(
      whole('--connections <n>', 'of REST with one request each, and streams of gRPC', [1, 1_000]).default(4),
    )
    .addOption(whole('--rounds <n>', 'of all runs', [1, 1_000]).default(3))
    .addOption(seedOf('orders').default(1))
    .addOption(jsonFile())
    .action(run),
);
