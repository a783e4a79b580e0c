// Measures the api with one order a request: how many, how fast, and how that compares with Koa alone.
//
// Why: batches show what the exchange can finish; most clients send one order and wait for what became of it.
//
// Usage: npm run bench:http
//        npm run bench:http -- --seconds 3 --connections 100
//        npm run bench:http -- --help

import { writeFileSync } from 'node:fs';
import { type BenchExchange, withExchange } from './lab/bench/exchange.ts';
import { depositForAll } from './lab/bench/http/deposits.ts';
import {
  type HttpRun,
  type Plan,
  runOpenLoops,
  runOrders,
  runReads,
  runSigned,
} from './lab/bench/http/runs.ts';
import { describeMachine, describeServers } from './lab/bench/machine.ts';
import { integer, integers, parseWith, UsageError } from './lab/bench/options.ts';
import { count } from './lab/bench/report.ts';
import { startTool } from './lab/bench/tool.ts';
import { StartError } from './launcher/servers/errors.ts';

const help = `Usage: npm run bench:http -- [options]

One order a request, on a private exchange: closed loop by autocannon beside a bare Koa app that echoes the JSON; reads;
and open loop at fixed rates, with latencies from the moment at which an order was due.

  --seconds N          length of each run                  8
  --connections LIST   of the closed loop                  10,100,1000
  --rates LIST         orders a second of the open loop    1000,5000
  --only PARTS         of orders, signed, reads, open-loop all four
  --seed N             of the orders                       1
  --json FILE          write everything there as well
  --help

Settings of api, matcher and writer (API_WORKERS, …) are taken from the environment.`;

const parts = {
  orders: runOrders,
  signed: runSigned,
  reads: runReads,
  'open-loop': async (plan: Plan): Promise<void> => {
    await depositForAll(plan.exchange);
    await runOpenLoops(plan);
  },
};
const partNames = Object.keys(parts) as (keyof typeof parts)[];

function readPart(text: string): keyof typeof parts {
  const part = partNames.find((name) => name === text);
  if (!part) throw new UsageError(`--only takes ${partNames.join(', ')}, and not "${text}".`);
  return part;
}

function readOptions(args: readonly string[]) {
  const text = (byDefault: string) => ({ type: 'string', default: byDefault }) as const;
  const values = parseWith(args, {
    seconds: text('8'),
    connections: text('10,100,1000'),
    rates: text('1000,5000'),
    only: text(partNames.join(',')),
    seed: text('1'),
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  return {
    help: values.help,
    seconds: integer('seconds', values.seconds, 1, 3_600),
    connections: integers('connections', values.connections),
    rates: integers('rates', values.rates),
    only: values.only.split(',').map(readPart),
    seed: integer('seed', values.seed, 0, 2 ** 31),
    json: values.json,
  };
}

type Options = ReturnType<typeof readOptions>;

const columns = [34, 32, 12, 11, 8, 8, 8, 8, 7, 9] as const;

function line(cells: readonly string[]): string {
  return cells.map((cell, i) => (i < 2 ? cell.padEnd(columns[i]!) : cell.padStart(columns[i]!))).join('');
}

function show({ path, mode, connections, requestsPerSecond, echoRequestsPerSecond, ...run }: HttpRun): void {
  const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  const echo =
    echoRequestsPerSecond === null
      ? ''
      : `${((requestsPerSecond / echoRequestsPerSecond) * 100).toFixed(0)} %`;
  const latencies = [run.p50, run.p90, run.p99, run.p999].map(ms);
  console.log(
    line([path, mode, count(connections), count(requestsPerSecond), ...latencies, String(run.errors), echo]),
  );
}

async function runAll(exchange: BenchExchange, options: Options): Promise<Record<string, unknown>> {
  const machine = describeMachine();
  const { versions, configuration } = await describeServers(exchange);
  const runs: HttpRun[] = [];
  const echo = startTool('http/echo.ts');
  try {
    const echoPort = (await echo.ask({})) as number;
    const take = (run: HttpRun): void => {
      runs.push(run);
      show(run);
    };
    const plan: Plan = { exchange, echoPort, take, ...options };
    console.log(
      line(['path', 'mode', 'connections', 'requests/s', 'p50', 'p90', 'p99', 'p99.9', 'errors', 'of echo']),
    );
    for (const part of options.only) await parts[part](plan);
  } finally {
    await echo.stop();
  }
  return { runs, machine, versions, configuration };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(help);
    return;
  }
  const date = new Date().toISOString();
  const result = await withExchange((exchange) => runAll(exchange, options), console.error);
  const { cpu, cores, loadAverage } = result.machine as ReturnType<typeof describeMachine>;
  console.log(`\n${cores} × ${cpu}, load average ${loadAverage} before the start; latencies in ms`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ date, ...result }, null, 2)}\n`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError || error instanceof StartError ? error.message : error);
  // Not by itself: what was under way may wait for servers that are gone.
  process.exit(1);
}
