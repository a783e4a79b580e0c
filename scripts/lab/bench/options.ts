// The options of the benchmarks, read from the command line.

import { parseArgs } from 'node:util';

/** A product and how often it is meant, in proportion to the others. */
export type ProductShare = { readonly productId: string; readonly weight: number };

/** Lots of an order, both ends included. */
export type SizeRange = { readonly from: number; readonly to: number };

export type BenchOptions = {
  readonly orders: number;
  readonly batch: number;
  readonly connections: number;
  readonly products: readonly ProductShare[];
  readonly sizes: SizeRange;
  /** Cancels for each order placed, from 0 to 1. */
  readonly cancels: number;
  readonly seed: number;
  /** Answered once on disk, instead of once matched. */
  readonly async: boolean;
  readonly limits: boolean;
  readonly rowLockOrders: number;
  readonly json: string | null;
};

/** What is wrong with the command line, in words for whoever typed it. */
export class UsageError extends Error {}

export const cards = ['PIKACHU-USD', 'BULBASAUR-USD', 'CHARMANDER-USD', 'SQUIRTLE-USD'];

export const benchHelp = `Usage: npm run bench -- [options]

Sends orders through POST /orders/batch to a private exchange until all of them are committed in PostgreSQL, verifies
what came of them, and prints rates, lags and CPU seconds; then the limits and alternatives beside it.

  --orders N            orders to place                                    1000000
  --batch N             orders in a request, 1 to 1000                     1000
  --connections N       keep-alive connections, each with one request      4
  --products LIST       products, each with a weight if you like           the four cards
                        (PIKACHU-USD:3,SQUIRTLE-USD); unknown ones are added
  --sizes A-B           lots of an order, uniform                          1-1
  --cancels SHARE       cancels for each order, 0 to 1, a request each     0
  --seed N              of the orders                                      1
  --async               answers say that an order is on disk (Prefer:
                        respond-async), as they do by default; --wait:
                        what became of it, which is 50 times as much text
  --row-lock-orders N   orders for the row-lock alternative                20000
  --no-limits           leave out the limits and alternatives
  --json FILE           write everything there as well
  --help

Settings of api, matcher and writer (RUN_SIZE, COMMIT_SIZE, API_WORKERS, …) are taken from the environment.`;

export function readBenchOptions(args: readonly string[]): BenchOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const options = {
    orders: integer('orders', values.orders, 1, 1e9),
    batch: integer('batch', values.batch, 1, 1_000),
    connections: integer('connections', values.connections, 1, 1_000),
    products: values.products === undefined ? evenly(cards) : readProducts(values.products),
    sizes: readSizes(values.sizes),
    cancels: share('cancels', values.cancels),
    seed: integer('seed', values.seed, 0, 2 ** 31),
    async: !values.wait && Number(values.cancels) === 0,
    limits: !values['no-limits'],
    rowLockOrders: integer('row-lock-orders', values['row-lock-orders'], 1, 1e6),
    json: values.json ?? null,
  };
  if (values.async && !options.async)
    throw new UsageError(
      '--async goes with neither --wait nor --cancels, which needs answers that say what rests.',
    );
  return options;
}

function parse(args: readonly string[]) {
  const text = (byDefault: string) => ({ type: 'string', default: byDefault }) as const;
  const flag = { type: 'boolean', default: false } as const;
  return parseWith(args, {
    orders: text('1000000'),
    batch: text('1000'),
    connections: text('4'),
    products: { type: 'string' },
    sizes: text('1-1'),
    cancels: text('0'),
    seed: text('1'),
    async: flag,
    wait: flag,
    'row-lock-orders': text('20000'),
    'no-limits': flag,
    json: { type: 'string' },
    help: flag,
  });
}

type Known = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** As `parseArgs`, with complaints for the person who typed. */
export function parseWith<const O extends Known>(args: readonly string[], options: O) {
  try {
    return parseArgs<{ options: O; strict: true; allowPositionals: false; args: string[] }>({
      args: [...args],
      options,
      strict: true,
      allowPositionals: false,
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

export function integer(name: string, text: string, least: number, most: number): number {
  const value = Number(text.replaceAll('_', ''));
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}, and is "${text}".`);
}

/** `1000,5000` → `[1000, 5000]`. */
export function integers(name: string, text: string): number[] {
  return text.split(',').map((one) => integer(name, one, 1, 1e9));
}

function share(name: string, text: string): number {
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new UsageError(`--${name} must be a number from 0 to 1, and is "${text}".`);
}

export function evenly(productIds: readonly string[]): ProductShare[] {
  return productIds.map((productId) => ({ productId, weight: 1 }));
}

function readProducts(text: string): ProductShare[] {
  return text.split(',').map((one) => {
    const [, productId, weight] = /^([A-Z0-9]{1,16}-[A-Z0-9]{1,16})(?::(\d+))?$/.exec(one) ?? [];
    if (productId === undefined)
      throw new UsageError(`--products: "${one}" is no product, such as PIKACHU-USD:3.`);
    return { productId, weight: Number(weight ?? 1) };
  });
}

function readSizes(text: string): SizeRange {
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to ?? from) };
  if (range.from >= 1 && range.to >= range.from && range.to <= 1_000_000) return range;
  throw new UsageError(`--sizes must be a range such as 1-100, and is "${text}".`);
}
