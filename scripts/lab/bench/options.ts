// The options of npm run bench, and what the benchmarks' words mean.

import { Option } from '@commander-js/extra-typings';
import { command, optionsFrom } from '../../console/command.ts';
import { UsageError } from '../../console/errors.ts';
import { jsonFile, seedOf, share, whole } from '../../console/options.ts';

/** A product and how often it is meant, in proportion to the others; of the first shard unless it names another. */
export type ProductShare = { readonly productId: string; readonly weight: number; readonly shard?: string };

/** Lots of an order, both ends included. */
export type SizeRange = { readonly from: number; readonly to: number };

export const cards = ['PIKACHU-USD', 'BULBASAUR-USD', 'CHARMANDER-USD', 'SQUIRTLE-USD'];

export function evenly(productIds: readonly string[]): readonly ProductShare[] {
  return productIds.map((productId) => ({ productId, weight: 1 }));
}

const usualProducts = evenly(cards);

/** The first ones that there are, by name; `npm run cluster` has the first two. */
export function shardNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => (i === 0 ? 'main' : `cards${i + 1}`));
}

/** As many products for each shard: the cards in the first one, others of their kind in the others. */
function spreadOver(shards: readonly string[]): ProductShare[] {
  return shards.flatMap((shard, i) =>
    cards.map((card) => ({ productId: i === 0 ? card : card.replace('-', `${i + 1}-`), weight: 1, shard })),
  );
}

function productsIn(text: string): readonly ProductShare[] {
  return text.split(',').map((one) => {
    const [, productId, weight] = /^([A-Z0-9]{1,16}-[A-Z0-9]{1,16})(?::(\d+))?$/.exec(one) ?? [];
    if (productId === undefined)
      throw new UsageError(`--products: "${one}" is no product, such as PIKACHU-USD:3.`);
    return { productId, weight: Number(weight ?? 1) };
  });
}

function sizesIn(text: string): SizeRange {
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to ?? from) };
  if (range.from >= 1 && range.to >= range.from && range.to <= 1_000_000) return range;
  throw new UsageError(`--sizes must be a range such as 1-100, and is "${text}".`);
}

const says = `Sends orders through POST /orders/batch to a private exchange until all of them are committed in PostgreSQL, verifies
what came of them, and prints rates, lags and CPU seconds; then how fast COPY stores the same rows.

With --cluster the exchange is arranged as npm run cluster arranges it: Redis in cluster mode with replicas, PostgreSQL with a
synchronous standby, HAProxy before both, MIN_REPLICAS=1. Its processes reach their servers by TCP: compare with --tcp, and with as
many of each process (--each 1). CPU is told by kind: redis has the shards, postgres is the primary; replicas are all other Redis,
standby the other PostgreSQL.

With --shards each shard has four products, and as many orders as the others; each is verified by itself.

Settings of api, matcher and writer (RUN_SIZE, COMMIT_SIZE, API_WORKERS, …) are taken from the environment.`;

export const benchCommand = () =>
  command('npm run bench', says)
    .addOption(whole('--orders <n>', 'orders to place', [1, 1e9]).default(1_000_000))
    .addOption(whole('--batch <n>', 'orders in a request', [1, 1_000]).default(1_000))
    .addOption(whole('--connections <n>', 'keep-alive, each with one request', [1, 1_000]).default(4))
    .addOption(
      new Option(
        '--products <list>',
        'each with a weight if you like (PIKACHU-USD:3,SQUIRTLE-USD); unknown ones are added',
      )
        .argParser(productsIn)
        .default(usualProducts, 'the four cards'),
    )
    .addOption(
      new Option('--sizes <range>', 'lots of an order, uniform')
        .argParser(sizesIn)
        .default({ from: 1, to: 1 }, '1-1'),
    )
    .addOption(share('--cancels <share>', 'cancels for each order, 0 to 1, a request each').default(0))
    .addOption(seedOf('orders').default(1))
    .addOption(
      whole('--subscribers <n>', 'sockets on the channel full of each product meanwhile', [0, 1_000]).default(
        0,
      ),
    )
    .option('--cluster', 'on a cluster, which needs HAProxy and pg_basebackup')
    .addOption(whole('--each <n>', 'of api, matcher and writer on the cluster (default: 2)', [1, 8]))
    .option('--tcp', 'the processes of a plain exchange reach its servers by TCP, not by Unix sockets')
    .addOption(whole('--shards <n>', 'with four products each', [1, 8]).default(1))
    .option('--async', 'answers say that an order is on disk (Prefer: respond-async), as they do by default')
    .option('--wait', 'answers say what became of it, which is 50 times as much text')
    .option('--no-limits', 'leave COPY out')
    .addOption(jsonFile());

export type BenchWords = ReturnType<ReturnType<typeof benchCommand>['opts']>;
export type BenchOptions = ReturnType<typeof withMode>;

/** Answers are waited for where they must say what rests. */
export function withMode({ wait, async, ...words }: BenchWords) {
  const { cluster = false, tcp = false, each, ...others } = words;
  const waits = wait === true || words.cancels > 0;
  if (async && waits)
    throw new UsageError(
      '--async goes with neither --wait nor --cancels, which needs answers that say what rests.',
    );
  if (!cluster && each !== undefined) throw new UsageError('--each goes with --cluster only.');
  if (cluster && tcp) throw new UsageError('--cluster is by TCP without --tcp.');
  return { ...others, ...placesOf(words), cluster, tcp, each: each ?? 2, async: !waits };
}

function placesOf({ shards, products }: Pick<BenchWords, 'shards' | 'products'>) {
  if (shards === 1) return { shards: shardNames(1), products };
  if (products !== usualProducts) throw new UsageError('--shards goes with the usual products only.');
  const names = shardNames(shards);
  return { shards: names, products: spreadOver(names) };
}

export const readBenchOptions = (words: readonly string[]): BenchOptions =>
  withMode(optionsFrom(benchCommand(), words));
