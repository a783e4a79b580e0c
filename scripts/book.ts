// A live ladder and tape of a product in the terminal, from Redis alone.
//
// Why: what Redis holds can be read by anyone; this is the shortest way to see a market, also while no api runs.
//
// Usage: npm run book -- PIKACHU-USD
//        npm run book -- PIKACHU-USD --once | head
//        npm run book -- --help

import type { Redis } from 'ioredis';
import { shardKeys } from '../core/keys.ts';
import { parseIncrement } from '../core/units.ts';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { whole } from './console/options.ts';
import { untilSignal } from './console/signals.ts';
import { withRedis } from './launcher/connections.ts';
import { readDemo } from './launcher/demo.ts';
import { readEnvironment } from './launcher/servers/environment.ts';
import { bestLine, draw, tradeLine, type Units } from './ops/book/draw.ts';
import {
  isAbout,
  readBook,
  readLastTrades,
  readNext,
  type Source,
  type Trade,
  tradesIn,
} from './ops/book/read.ts';

const mostTrades = 100;
/** More pictures a second than this nobody sees. */
const drawEveryMs = 100;
/** A read waits for a second by itself. */
const timeoutMs = 5_000;

type Options = {
  readonly once?: true | undefined;
  readonly depth: number;
  readonly tick: string;
  readonly lot: string;
  readonly shard: string;
};

/** Throws unless Redis has announced the product; otherwise says how it stands. */
async function statusOf({ redis, shard, productId }: Source): Promise<string> {
  const text = await redis.hget(shardKeys(shard).products, productId);
  if (text !== null) return text.split(' ')[0]!;
  const known = (await redis.hkeys(shardKeys(shard).products)).sort().slice(0, 10);
  const there = known.length > 0 ? ` There are ${known.join(', ')}, …` : ' Has its matcher ever run?';
  throw new UsageError(`Shard ${shard} has no product ${productId}.${there}`);
}

async function show(source: Source, options: Options): Promise<void> {
  const { productId } = source;
  const { depth } = options;
  const units: Units = { tick: parseIncrement(options.tick), lot: parseIncrement(options.lot) };
  const status = await statusOf(source);
  const last = await readLastTrades(source, mostTrades);
  const isTerminal = process.stdout.isTTY === true;
  const picture = async (trades: readonly Trade[]): Promise<string[]> => {
    const book = await readBook(source, depth);
    return draw({ ...{ productId, status, book, trades, units }, isColoured: isTerminal });
  };
  console.log((await picture(last.trades)).join('\n'));
  if (options.once) return;
  await follow(source, { ...last, depth, units, picture: isTerminal ? picture : null });
}

type Following = {
  readonly trades: Trade[];
  readonly after: string;
  readonly depth: number;
  readonly units: Units;
  /** Null without a terminal. */
  readonly picture: ((trades: readonly Trade[]) => Promise<string[]>) | null;
};

async function follow(source: Source, { depth, units, picture, ...from }: Following): Promise<void> {
  const stop = untilSignal();
  const quit = picture ? listenForQ() : new AbortController().signal;
  let { trades, after } = from;
  let best = '';
  while (!stop.aborted && !quit.aborted) {
    const entries = (await readNext(source, after)).filter((entry) => {
      after = entry.id;
      return isAbout(entry, source.productId);
    });
    if (entries.length === 0 && best !== '') continue;
    const fresh = entries.flatMap((entry) => tradesIn(entry, source.productId));
    trades = [...trades, ...fresh].slice(-mostTrades);
    if (picture) {
      best = 'drawn';
      process.stdout.write(`\x1b[H\x1b[2J${(await picture(trades)).join('\n')}\n`);
      await new Promise((resolve) => setTimeout(resolve, drawEveryMs));
      continue;
    }
    for (const trade of fresh) console.log(tradeLine(trade, units));
    const line = bestLine(await readBook(source, 1), units);
    if (line !== best) console.log(line);
    best = line;
  }
}

/** Aborts when q or Ctrl-C is pressed. */
function listenForQ(): AbortSignal {
  const quit = new AbortController();
  const { stdin } = process;
  if (!stdin.isTTY) return quit.signal;
  stdin.setRawMode(true);
  stdin.on('data', (keys) => {
    const pressed = String(keys);
    if (pressed.includes('q') || pressed.includes(String.fromCharCode(3))) quit.abort();
  });
  stdin.unref();
  return quit.signal;
}

async function run(product: string, options: Options): Promise<void> {
  const { redisUrl, dataDir } = readEnvironment();
  const url = redisUrl ?? readDemo(dataDir)?.redisUrl;
  if (url === undefined) throw new UsageError('Set REDIS_URL, or DATA_DIR of an exchange that runs.');
  const { shard } = options;
  const look = (redis: Redis) => show({ redis, shard, productId: product.toUpperCase() }, options);
  await withRedis(url, look, { shard, timeoutMs });
}

const says = `The best prices and the last trades of a product as they change, from Redis alone. In a terminal a picture that q or Ctrl-C
ends; elsewhere the picture once, and then a line for each trade and each change of the best prices.

Redis knows prices in ticks and sizes in lots: give --tick and --lot where a product has others than usual.
Looks into REDIS_URL, or into the exchange that npm start runs in DATA_DIR.`;

// Whoever reads our output may end before us, as `head` does.
process.stdout.on('error', () => process.exit(0));
await main(
  command('npm run book', says)
    .usage('-- <product> [options]')
    .argument('<product>', 'such as PIKACHU-USD')
    .option('--once', 'print the picture and end')
    .addOption(whole('--depth <n>', 'prices of each side', [1, 100]).default(12))
    .option('--tick <text>', "the product's quote_increment", '0.01')
    .option('--lot <text>', "the product's base_increment", '1')
    .option('--shard <name>', 'the shard that has the product', readEnvironment().inherited.SHARD ?? 'main')
    .action(run),
);
