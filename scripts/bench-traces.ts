// Measures what tracing a share of the requests costs an order: CPU of all processes, with it and without, in pairs.
//
// Why: CPU time is steadier than wall time on a machine that has other work, and pairs of one minute see the same machine.
//
// Usage: npm run bench:traces
//        npm run bench:traces -- --pairs 5 --ratio 1
//        npm run bench:traces -- --help

import { command, main } from './console/command.ts';
import { share, whole } from './console/options.ts';
import { startTable } from './console/table.ts';
import { allMicroseconds, cardMix, runOpenLoop } from './lab/bench/http/runs.ts';
import { describeMachine, describeServers, machineLine } from './lab/bench/machine.ts';
import { startCollector } from './lab/bench/otlp-collector.ts';
import { type PrivateExchange, withExchange } from './lab/exchange.ts';

type Options = {
  readonly ratio: number;
  readonly pairs: number;
  readonly seconds: number;
  readonly rate: number;
};

const warmUpSeconds = 4;

/** CPU microseconds an order of all processes, after some that are not counted: code that has not run yet is slow. */
async function costsOf(exchange: PrivateExchange, { seconds, rate }: Options) {
  const { roots: servers } = await describeServers(exchange);
  const roots = { ...servers, ...exchange.pids() };
  const cost = (length: number, seed: number) =>
    runOpenLoop({ exchange, roots, seconds: length }, { rate, mix: cardMix(seed) });
  await cost(warmUpSeconds, 1);
  return async (seed: number): Promise<number> => {
    const result = await cost(seconds, seed);
    if (result.errors > 0) throw new Error(`${result.errors} orders were not answered well`);
    return allMicroseconds(result);
  };
}

/** The order within a pair changes, so that whatever grows meanwhile is on both sides. */
async function comparePairs(plain: PrivateExchange, traced: PrivateExchange, options: Options) {
  const without = await costsOf(plain, options);
  const withTraces = await costsOf(traced, options);
  const print = startTable({ pair: 5, 'without µs': 11, 'with µs': 11, ratio: 7 });
  const ratios: number[] = [];
  for (let pair = 1; pair <= options.pairs; pair++) {
    const costs = { without: 0, traced: 0 };
    const sides = [
      async () => {
        costs.without = await without(pair);
      },
      async () => {
        costs.traced = await withTraces(pair);
      },
    ];
    for (const side of pair % 2 ? sides : sides.reverse()) await side();
    ratios.push(costs.traced / costs.without);
    print([String(pair), costs.without.toFixed(0), costs.traced.toFixed(0), ratios.at(-1)!.toFixed(3)]);
  }
  return ratios;
}

/** By logarithms: a pair that is half as dear and one that is twice as dear cancel out. */
function summaryOf(ratios: readonly number[]): string {
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
  const variance = logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, logs.length - 1);
  const error = Math.sqrt(variance / logs.length);
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
  return `Tracing cost an order ${percent(Math.exp(mean) - 1)} more CPU, with a standard error of ${percent(error)}.`;
}

async function run(options: Options): Promise<void> {
  const collector = await startCollector();
  const tracing = { TRACE_RATIO: String(options.ratio), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  try {
    const ratios = await withExchange(
      (plain) => withExchange((traced) => comparePairs(plain, traced, options), console.error, tracing),
      console.error,
    );
    console.log(machineLine(describeMachine()));
    console.log(`${summaryOf(ratios)} ${collector.exports()} exports came.`);
  } finally {
    collector.close();
  }
}

const says = `Two private exchanges, of which one traces a share of the requests and sends the spans to a receiver here. Orders come to them by
turns, at a fixed rate. What an order costs is CPU of api, matcher, writer, Redis and PostgreSQL; the receiver is not counted.`;

await main(
  command('npm run bench:traces', says)
    .addOption(share('--ratio <share>', 'of the requests that are traced').default(0.01))
    .addOption(whole('--pairs <n>', 'of runs with and without', [1, 1_000]).default(12))
    .addOption(whole('--seconds <n>', 'length of each run', [1, 600]).default(5))
    .addOption(whole('--rate <n>', 'orders a second', [1, 100_000]).default(500))
    .action(run),
);
