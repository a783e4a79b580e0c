// Measures how fast orders are finished: accepted by HTTP, sequenced on disk, matched, and committed in PostgreSQL.
//
// Why all of it: a rate of HTTP answers says nothing about an exchange. The run is verified trade by trade, and what the
// same machine could do at most, and what a simpler design does, is measured beside it.
//
// Usage: npm run bench                                        a million orders
//        npm run bench -- --orders 100000 --no-limits         a short one
//        npm run bench -- --help

import { type BenchExchange, withExchange } from './lab/bench/exchange.ts';
import { measureCopy } from './lab/bench/limits/copy.ts';
import { measureRowLock } from './lab/bench/limits/row-lock.ts';
import { measureXadd } from './lab/bench/limits/xadd.ts';
import { describeMachine, describeServers, type ServerFacts } from './lab/bench/machine.ts';
import { measureLoad } from './lab/bench/measure.ts';
import { type BenchOptions, benchHelp, readBenchOptions, UsageError } from './lab/bench/options.ts';
import { prepareProducts } from './lab/bench/products.ts';
import { VerificationError } from './lab/bench/replay.ts';
import { describeRun, type Limits, type Run, writeJson } from './lab/bench/report.ts';
import { verify } from './lab/bench/verify.ts';
import { StartError } from './launcher/servers/errors.ts';

function log(line: string): void {
  console.error(line);
}

async function measureLimits(
  exchange: BenchExchange,
  { roots }: ServerFacts,
  options: BenchOptions,
): Promise<Limits> {
  log('Measuring the limits and alternatives.');
  const copy = await measureCopy(exchange, roots);
  const xadd = await measureXadd(exchange, roots);
  const rowLock = await measureRowLock(exchange, { ...options, orders: options.rowLockOrders });
  return { copy, xadd, rowLock };
}

async function run(exchange: BenchExchange, options: BenchOptions): Promise<Run> {
  const machine = describeMachine();
  const servers = await describeServers(exchange);
  await prepareProducts(exchange, options);
  const measured = await measureLoad(exchange, servers.roots, options);
  log('Verifying the run.');
  const replayed = await verify(exchange, measured.sent);
  await exchange.stopProcesses();
  const limits = options.limits ? await measureLimits(exchange, servers, options) : null;
  return { options, measured, replayed, limits, machine, servers };
}

async function main(): Promise<void> {
  const options = readBenchOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(benchHelp);
    return;
  }
  const date = new Date().toISOString();
  log('Starting a private exchange.');
  const result = await withExchange((exchange) => run(exchange, options), log);
  console.log(describeRun(result));
  if (options.json !== null) writeJson(options.json, result, date);
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
