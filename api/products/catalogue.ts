import { setImmediate } from 'node:timers/promises';
import type { DatabasePool } from 'slonik';
import { backoff, sleep, within } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import type { Funding, Product } from '../../core/product.ts';
import {
  type Increment,
  multiplyIncrements,
  parseAmount,
  parseIncrement,
  partPerMillion,
} from '../../core/units.ts';
import { loadFundings } from '../../sql/funding.ts';
import { LagError } from '../shard/errors.ts';
import type { Subscriber } from '../shard/reports.ts';
import { type CurrencyRow, loadCurrencies } from './queries/load-currencies.ts';
import { loadProducts, type ProductRow } from './queries/load-products.ts';

/** A product in integers, and in the decimals of its row. */
export type ListedProduct = Product & { readonly row: ProductRow };

/** A currency that accounts hold, since funded products pay with it. */
export type FundedCurrency = {
  readonly currency: string;
  readonly increment: Increment;
  /** Those of the products, each once. */
  readonly shards: readonly string[];
};

/** Products and currencies as PostgreSQL had them last, sorted by id. */
export type Catalogue = {
  readonly product: (productId: string) => ListedProduct | undefined;
  /** The same array until something changes. */
  readonly products: () => readonly ListedProduct[];
  /** Resolves once these products, which rows name, are known. Throws `LagError` if PostgreSQL does not show them. */
  readonly knowing: (productIds: readonly string[]) => Promise<void>;
  readonly currency: (currency: string) => CurrencyRow | undefined;
  readonly currencies: () => readonly CurrencyRow[];
  readonly fundedCurrency: (currency: string) => FundedCurrency | undefined;
  readonly fundedCurrencies: () => readonly FundedCurrency[];
  /** Reads all of it again soon, once for any number of calls. While PostgreSQL is away, what was known stays. */
  readonly reload: () => void;
  readonly close: () => void;
};

type Contents = {
  readonly list: readonly ListedProduct[];
  readonly products: ReadonlyMap<string, ListedProduct>;
  readonly currencies: ReadonlyMap<string, CurrencyRow>;
  readonly funded: ReadonlyMap<string, FundedCurrency>;
};

/** How long a request waits for a product that it did not expect to lack. */
const patienceMs = 2_000;
/** Between two readings of more than a few products lies so many times what the first took. */
const restFactor = 4;
const fewProducts = 1_000;
/** Products that are made of their rows before the event loop turns. */
const atOnce = 500;
/** No command announces a currency, so its row is looked for. */
const currencyPollMs = 1_000;

export type CatalogueParts = {
  readonly pool: DatabasePool;
  readonly log: Log;
  /** Products of a shard are known once the process serves it. */
  readonly isServed: (shard: string) => boolean;
};

/** Throws if it cannot be read at first. */
export async function openCatalogue({ pool, log, isServed }: CatalogueParts): Promise<Catalogue> {
  let contents = await load(pool, isServed);
  const stop = new AbortController();
  let stale = false;
  let reloading: Promise<void> | null = null;

  const reloadOnce = async (attempt: number): Promise<number> => {
    stale = false;
    try {
      contents = await load(pool, isServed);
      return 0;
    } catch (error) {
      stale = true;
      log.warn({ error: String(error) }, 'products could not be read again');
      await sleep(backoff(attempt), stop.signal);
      return attempt + 1;
    }
  };
  const reloadAll = async (): Promise<void> => {
    for (let attempt = 0; stale && !stop.signal.aborted; ) {
      const start = performance.now();
      attempt = await reloadOnce(attempt);
      // Twenty thousand products take a while to read, and may come one after the other.
      if (stale && contents.list.length > fewProducts)
        await sleep(restFactor * (performance.now() - start), stop.signal);
    }
    reloading = null;
  };
  const reloadWhileStale = (): Promise<void> => {
    reloading ??= reloadAll();
    return reloading;
  };
  const watchCurrencies = async (): Promise<void> => {
    for (;;) {
      await sleep(currencyPollMs, stop.signal);
      if (stop.signal.aborted) return;
      const rows = await loadCurrencies(pool).catch(() => null);
      if (rows) contents = { ...contents, currencies: byCode(rows) };
    }
  };
  void watchCurrencies();

  return {
    product: (productId) => contents.products.get(productId),
    products: () => contents.list,
    knowing: async (productIds) => {
      if (productIds.every((productId) => contents.products.has(productId))) return;
      stale = true;
      await within<void>(patienceMs, reloadWhileStale(), () => {});
      if (!productIds.every((productId) => contents.products.has(productId)))
        throw new LagError('the catalogue lacks a product that orders have');
    },
    currency: (currency) => contents.currencies.get(currency),
    currencies: () => [...contents.currencies.values()],
    fundedCurrency: (currency) => contents.funded.get(currency),
    fundedCurrencies: () => [...contents.funded.values()],
    reload: () => {
      stale = true;
      void reloadWhileStale();
    },
    close: () => stop.abort(),
  };
}

/** Calls `reload` whenever a product row, new or changed, has taken effect, or may have while nobody heard. */
export function productChanges(reload: () => void): Subscriber {
  return {
    reset: reload,
    reports: (reports) => {
      if (reports.some(({ command }) => command.kind === 'product')) reload();
    },
  };
}

async function load(pool: DatabasePool, isServed: CatalogueParts['isServed']): Promise<Contents> {
  const rows = (await loadProducts(pool)).filter(({ shard }) => isServed(shard));
  // After the products, so that none of these can lack what it refers to.
  const [currencyRows, fundings] = await Promise.all([loadCurrencies(pool), loadAllFundings(pool, rows)]);
  const currencies = byCode(currencyRows);
  const currencyOf = (currency: string) => currencies.get(currency);
  const products: ListedProduct[] = [];
  for (const [i, row] of rows.entries()) {
    products.push(productOf(row, fundings.get(row.productId) ?? null, currencyOf));
    if (i % atOnce === atOnce - 1) await setImmediate();
  }
  const shardsOf = payingShards(products);
  return {
    list: products,
    products: new Map(products.map((product) => [product.productId, product])),
    currencies,
    funded: new Map(currencyRows.flatMap((row) => fundedCurrencyOf(row, shardsOf.get(row.currency)))),
  };
}

function byCode(rows: readonly CurrencyRow[]): Contents['currencies'] {
  return new Map(rows.map((row) => [row.currency, row]));
}

async function loadAllFundings(
  pool: DatabasePool,
  rows: readonly ProductRow[],
): Promise<ReadonlyMap<string, Funding>> {
  const shards = [...new Set(rows.map(({ shard }) => shard))];
  const fundings = await Promise.all(shards.map((shard) => loadFundings(pool, shard)));
  return new Map(fundings.flatMap((ofShard) => [...ofShard]));
}

/** By currency, the shards whose funded products pay with it. */
function payingShards(products: readonly Product[]): ReadonlyMap<string, ReadonlySet<string>> {
  const shards = new Map<string, Set<string>>();
  for (const { funding, shard } of products) {
    if (!funding) continue;
    for (const currency of [funding.baseCurrency, funding.quoteCurrency])
      shards.set(currency, (shards.get(currency) ?? new Set()).add(shard));
  }
  return shards;
}

/** An entry for the map of funded currencies, or nothing. */
function fundedCurrencyOf(
  { currency, increment }: CurrencyRow,
  shards: ReadonlySet<string> | undefined,
): [string, FundedCurrency][] {
  if (!shards) return [];
  return [[currency, { currency, increment: parseIncrement(increment), shards: [...shards] }]];
}

/** Throws `RangeError` on increments that no table constraint would let in. */
export function productOf(
  row: ProductRow,
  funding: Funding | null,
  currencyOf: Catalogue['currency'],
): ListedProduct {
  const { productId, shard, baseCurrency, quoteCurrency, status, version, selfTradePrevention } = row;
  const tick = parseIncrement(row.quoteIncrement);
  const lot = parseIncrement(row.baseIncrement);
  const quoteUnit = multiplyIncrements(tick, lot);
  const unit = funding ? parseIncrement(currencyOf(quoteCurrency)!.increment) : quoteUnit;
  return {
    ...{
      productId,
      shard,
      baseCurrency,
      quoteCurrency,
      status,
      version,
      selfTradePrevention,
      tick,
      lot,
      quoteUnit,
    },
    minPrice: stepsWithin(row.minPrice, tick, 'up'),
    maxPrice: stepsWithin(row.maxPrice, tick, 'down'),
    minSize: stepsWithin(row.baseMinSize, lot, 'up'),
    maxSize: stepsWithin(row.baseMaxSize, lot, 'down'),
    minFunds: stepsWithin(row.minMarketFunds, quoteUnit, 'up'),
    maxFunds: stepsWithin(row.maxMarketFunds, quoteUnit, 'down'),
    fees: { maker: rateOf(row.makerFeeRate), taker: rateOf(row.takerFeeRate), unit },
    collar: rateOf(row.priceCollar),
    funding,
    row,
  };
}

/** The table's constraints keep rates to whole parts per million. */
function rateOf(text: string): number {
  return parseAmount(text, partPerMillion) as number;
}

/** Prices and sizes are whole steps by the table's constraints; limits of funds need not be, and are rounded inwards. */
function stepsWithin(text: string, { digits, units }: Increment, round: 'up' | 'down'): number {
  const [whole = '', fraction = ''] = text.split('.');
  const scale = Math.max(digits, fraction.length);
  const amount = BigInt(whole + fraction.padEnd(scale, '0'));
  const step = BigInt(units) * 10n ** BigInt(scale - digits);
  return Number((round === 'up' ? amount + step - 1n : amount) / step);
}
