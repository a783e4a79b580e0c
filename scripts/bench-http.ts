// Measures the api with one order a request: how many, how fast, and how that compares with Koa alone.
//
// Why: batches show what the exchange can finish; most clients send one order and wait for what became of it.
//
// Usage: npm run bench:http
//        npm run bench:http -- --seconds 3 --connections 100
//        npm run bench:http -- --help

import { writeFileSync } from 'node:fs';
import { command, main } from './console/command.ts';
import { count } from './console/figures.ts';
import { jsonFile, namesOf, seedOf, whole, wholes } from './console/options.ts';
import { startTable } from './console/table.ts';
import { depositForAll } from './lab/bench/http/deposits.ts';
import {
  allMicroseconds,
  type HttpRun,
  type Plan,
  runOpenLoops,
  runOrders,
  runReads,
  runSigned,
} from './lab/bench/http/runs.ts';
import { runSockets } from './lab/bench/http/socket-runs.ts';
import { describeMachine, describeServers, machineLine } from './lab/bench/machine.ts';
import { startTool } from './lab/bench/tool.ts';
import { type PrivateExchange, withExchange } from './lab/exchange.ts';

const parts = {
  orders: runOrders,
  signed: runSigned,
  reads: runReads,
  'open-loop': async (plan: Plan): Promise<void> => {
    await depositForAll(plan.exchange);
    await runOpenLoops(plan);
  },
  sockets: runSockets,
};
type Part = keyof typeof parts;

type Options = {
  readonly seconds: number;
  readonly connections: readonly number[];
  readonly rates: readonly number[];
  readonly only: readonly Part[];
  readonly seed: number;
  readonly json?: string;
};

function startRows(): (run: HttpRun) => void {
  const print = startTable({
    ...{ path: -34, mode: -32, connections: 12, 'requests/s': 11 },
    ...{ p50: 8, p90: 8, p99: 8, 'p99.9': 8, errors: 7, 'of echo': 9, 'api µs': 8, 'all µs': 8 },
  });
  const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  return ({ path, mode, connections, requestsPerSecond, echoRequestsPerSecond: echo, ...run }) => {
    const latencies = [run.p50, run.p90, run.p99, run.p999].map(ms);
    const costs = [run.microseconds.api!, allMicroseconds(run)].map((cost) => cost.toFixed(0));
    const ofEcho = echo === null ? '' : `${((requestsPerSecond / echo) * 100).toFixed(0)} %`;
    print([
      path,
      mode,
      count(connections),
      count(requestsPerSecond),
      ...latencies,
      String(run.errors),
      ofEcho,
      ...costs,
    ]);
  };
}

async function runAll(exchange: PrivateExchange, options: Options) {
  const machine = describeMachine();
  const { versions, configuration, roots: servers } = await describeServers(exchange);
  const roots = { ...servers, ...exchange.pids() };
  const runs: HttpRun[] = [];
  const echo = startTool('http/echo.ts');
  try {
    const echoPort = (await echo.ask({})) as number;
    const print = startRows();
    const take = (run: HttpRun): void => {
      runs.push(run);
      print(run);
    };
    for (const part of options.only) await parts[part]({ exchange, echoPort, roots, take, ...options });
  } finally {
    await echo.stop();
  }
  return { runs, machine, versions, configuration };
}

async function run(options: Options): Promise<void> {
  const date = new Date().toISOString();
  const result = await withExchange((exchange) => runAll(exchange, options), console.error);
  console.log(`${machineLine(result.machine)}; latencies in ms`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ date, ...result }, null, 2)}\n`);
}

const says = `One order a request, on a private exchange: closed loop by autocannon beside a bare Koa app that echoes the JSON; reads;
open loop at fixed rates, with latencies from the moment at which an order was due; and orders by socket. What a request costs is CPU of the api,
and of all processes of the exchange.

Settings of api, matcher and writer (API_WORKERS, …) are taken from the environment.`;

await main(
  command('npm run bench:http', says)
    .addOption(whole('--seconds <n>', 'length of each run', [1, 3_600]).default(8))
    .addOption(wholes('--connections <list>', 'of the closed loop').default([10, 100, 1_000]))
    .addOption(wholes('--rates <list>', 'orders a second of the open loop').default([1_000, 5_000]))
    .addOption(namesOf('--only <parts>', 'only these, as orders,reads', Object.keys(parts) as Part[]))
    .addOption(seedOf('orders').default(1))
    .addOption(jsonFile())
    .action(run),
);
