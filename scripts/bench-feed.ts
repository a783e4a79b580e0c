// Measures the feed: what it costs one api process to tell many sockets what happens, and how long that takes.
//
// Why: a write to a socket costs microseconds, so how many sockets can watch is decided by how often they are written to.
//
// Usage: npm run bench:feed
//        npm run bench:feed -- --sockets 10000 --rate 100
//        npm run bench:feed -- --help

import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { command, main } from './console/command.ts';
import { whole } from './console/options.ts';
import type { OrderToMessage, ToldAfter } from './lab/bench/feed/http-to-socket.ts';
import type { Watched, WatchOptions } from './lab/bench/feed/watch.ts';
import { describeMachine, machineLine } from './lab/bench/machine.ts';
import { runTool, startTool, type Tool } from './lab/bench/tool.ts';
import { cpuSeconds, memoryMegabytes } from './lab/bench/usage.ts';
import { type PrivateExchange, withExchange } from './lab/exchange.ts';

const productId = 'PIKACHU-USD';
const channels = ['level2', 'matches'];
const warmUpSeconds = 3;
/** What was sent last may take so long to arrive on a busy machine. */
const settlingMs = 2_000;

type Options = { readonly sockets: number; readonly rate: number; readonly seconds: number };

/** Orders that rest and orders that take them, by turns, sent by one socket. */
async function openActor({ port, token }: PrivateExchange) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { authorization: `Bearer ${token}` } });
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  let id = 0;
  const send = (): void => {
    const side = id % 2 === 0 ? 'sell' : 'buy';
    const price = `${2 + (Math.floor(id / 2) % 500) / 100}`;
    const params = { product_id: productId, trader_id: 1 + (id % 1_000), side, price, size: '1' };
    socket.send(JSON.stringify({ id: ++id, method: 'order.place', params }));
  };
  return {
    close: () => socket.close(),
    run: async (rate: number, seconds: number): Promise<void> => {
      const start = performance.now();
      for (let sent = 0; sent < rate * seconds; ) {
        const due = ((performance.now() - start) * rate) / 1_000;
        for (; sent < Math.min(due, rate * seconds); sent++) send();
        await sleep(1);
      }
    },
  };
}

async function measure(exchange: PrivateExchange, options: Options, watchers: Tool): Promise<void> {
  const { sockets, rate, seconds } = options;
  const pid = exchange.pids().api[0]!;
  const actor = await openActor(exchange);
  await actor.run(rate, warmUpSeconds);
  const cpuOf = async (work: () => Promise<void>): Promise<number> => {
    const before = cpuSeconds({ pid }).pid!;
    await work();
    return cpuSeconds({ pid }).pid! - before;
  };
  const alone = await cpuOf(() => actor.run(rate, seconds));
  const before = memoryMegabytes({ pid }).pid!;
  const open: WatchOptions = { port: exchange.port, sockets, productId, channels, isTimed: true };
  await watchers.ask({ open });
  const memory = ((memoryMegabytes({ pid }).pid! - before) * 1_048.576) / sockets;
  await actor.run(rate, warmUpSeconds);
  await sleep(settlingMs);
  await watchers.ask({ reset: true });
  const watched = await cpuOf(async () => {
    await actor.run(rate, seconds);
    await sleep(settlingMs);
  });
  const { messages, fewest, most, p50, p99 } = (await watchers.ask({ read: true })) as Watched;
  actor.close();
  console.log(`sockets ${sockets}, orders ${rate}/s for ${seconds} s, channels ${channels.join(' and ')}`);
  console.log(`messages delivered      ${messages}, ${Math.round(messages / seconds)} a second`);
  console.log(`by socket               ${fewest} to ${most}${fewest === most ? ': all have all' : ''}`);
  console.log(`delivery                p50 ${p50} ms, p99 ${p99} ms from the command's time`);
  console.log(
    `CPU of the api          ${alone.toFixed(2)} s for the orders alone, ${watched.toFixed(2)} s with the sockets`,
  );
  console.log(`                        ${(((watched - alone) * 1e6) / messages).toFixed(2)} µs a delivery`);
  console.log(`memory of the api       ${memory.toFixed(1)} kB a socket`);
}

async function measureOneOrder({ port, token }: PrivateExchange, { rate, seconds }: Options): Promise<void> {
  const asked: OrderToMessage = { port, token, productId, rate, seconds };
  const { told, p50, p99 } = await runTool<ToldAfter>('feed/http-to-socket.ts', asked);
  const share = `${(told * 100).toFixed(0)} % of the orders told`;
  console.log(
    `HTTP order to message   p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms at ${rate}/s; ${share}`,
  );
}

async function run(options: Options): Promise<void> {
  const machine = describeMachine();
  await withExchange(async (exchange) => {
    const watchers = startTool('feed/watch.ts');
    try {
      await measureOneOrder(exchange, options);
      await measure(exchange, options, watchers);
    } finally {
      await watchers.stop();
    }
  }, console.error);
  console.log(machineLine(machine));
}

const says = `Sockets on level2 and matches of one product, and orders for it at a fixed rate, on a private exchange with one api process.
Before that, without them: how long it takes from an order by HTTP, at the same rate, until a socket is told of it.
CPU of the api is given with the cost of the orders themselves taken off, which is measured first, without sockets.`;

await main(
  command('npm run bench:feed', says)
    .addOption(whole('--sockets <n>', 'that watch', [1, 100_000]).default(1_000))
    .addOption(whole('--rate <n>', 'orders a second', [1, 100_000]).default(1_000))
    .addOption(whole('--seconds <n>', 'length of each run', [1, 600]).default(10))
    .action(run),
);
