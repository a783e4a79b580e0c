// Measures how fast orders are finished: accepted by HTTP, sequenced on disk, matched, and committed in PostgreSQL.
//
// Why all of it: a rate of HTTP answers says nothing about an exchange. The run is verified trade by trade, and what the
// same machine could store at most is measured beside it.
//
// Usage: npm run bench                                        a million orders
//        npm run bench -- --orders 100000 --no-limits         a short one
//        npm run bench -- --subscribers 1                    with a socket on the channel full of each product
//        npm run bench -- --cluster --each 1                 on a cluster; beside it, --tcp on a plain exchange
//        npm run bench -- --shards 2                         half of the orders on each of two shards
//        npm run bench -- --help

import { main } from './console/command.ts';
import { withArranged } from './lab/arranged.ts';
import { measureCopy } from './lab/bench/copy-limit.ts';
import { withSubscribers } from './lab/bench/feed/subscribers.ts';
import { describeMachine, describeServers } from './lab/bench/machine.ts';
import { measureLoad } from './lab/bench/measure.ts';
import { type BenchOptions, type BenchWords, benchCommand, withMode } from './lab/bench/options.ts';
import { prepareProducts } from './lab/bench/products.ts';
import { describeRun, type Run, writeJson } from './lab/bench/report.ts';
import { verify } from './lab/bench/verify.ts';
import type { PrivateExchange } from './lab/exchange.ts';

async function measure(exchange: PrivateExchange, options: BenchOptions): Promise<Run> {
  const machine = describeMachine();
  const servers = await describeServers(exchange);
  await prepareProducts(exchange, options);
  const { done: measured, told } = await withSubscribers(exchange, options, () =>
    measureLoad(exchange, servers.roots, options),
  );
  console.error('Verifying the run.');
  const verified = await verify(exchange, measured.sent);
  await exchange.stopProcesses();
  const copy = options.limits ? await measureCopy(exchange, servers.roots) : null;
  const { arrangement } = exchange;
  return { options, measured, told, verified, copy, machine, servers, arrangement };
}

async function run(words: BenchWords): Promise<void> {
  const options = withMode(words);
  const date = new Date().toISOString();
  console.error('Starting a private exchange.');
  const result = await withArranged(options, console.error, (exchange) => measure(exchange, options));
  console.log(describeRun(result));
  if (options.json !== undefined) writeJson(options.json, result, date);
}

await main(benchCommand().action(run));
