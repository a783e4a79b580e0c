import type { DatabasePool } from 'slonik';
import { backoff, sleep } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import type { Product } from '../core/product.ts';
import { type Increment, multiplyIncrements, parseIncrement } from '../core/units.ts';
import { type CurrencyRow, loadCurrencies } from './queries/load-currencies.ts';
import { loadProducts, type ProductRow } from './queries/load-products.ts';

/** A product in integers, and in the decimals of its row. */
export type ListedProduct = Product & { readonly row: ProductRow };

/** Products and currencies as PostgreSQL had them last, sorted by id. */
export type Catalogue = {
  readonly product: (productId: string) => ListedProduct | undefined;
  readonly products: () => readonly ListedProduct[];
  readonly currency: (currency: string) => CurrencyRow | undefined;
  readonly currencies: () => readonly CurrencyRow[];
  /** Reads all of it again soon, once for any number of calls. While PostgreSQL is away, what was known stays. */
  readonly reload: () => void;
  readonly close: () => void;
};

type Contents = {
  readonly products: ReadonlyMap<string, ListedProduct>;
  readonly currencies: ReadonlyMap<string, CurrencyRow>;
};

/** Throws if it cannot be read at first. */
export async function openCatalogue({ pool, log }: { pool: DatabasePool; log: Log }): Promise<Catalogue> {
  let contents = await load(pool);
  const stop = new AbortController();
  let stale = false;
  let reloading = false;

  const reloadOnce = async (attempt: number): Promise<number> => {
    stale = false;
    try {
      contents = await load(pool);
      return 0;
    } catch (error) {
      stale = true;
      log.warn({ error: String(error) }, 'products could not be read again');
      await sleep(backoff(attempt), stop.signal);
      return attempt + 1;
    }
  };
  const reloadWhileStale = async (): Promise<void> => {
    if (reloading) return;
    reloading = true;
    for (let attempt = 0; stale && !stop.signal.aborted; ) attempt = await reloadOnce(attempt);
    reloading = false;
  };

  return {
    product: (productId) => contents.products.get(productId),
    products: () => [...contents.products.values()],
    currency: (currency) => contents.currencies.get(currency),
    currencies: () => [...contents.currencies.values()],
    reload: () => {
      stale = true;
      void reloadWhileStale();
    },
    close: () => stop.abort(),
  };
}

async function load(pool: DatabasePool): Promise<Contents> {
  const [products, currencies] = await Promise.all([loadProducts(pool), loadCurrencies(pool)]);
  return {
    products: new Map(products.map((row) => [row.productId, productOf(row)])),
    currencies: new Map(currencies.map((row) => [row.currency, row])),
  };
}

/** Throws `RangeError` on increments that no table constraint would let in. */
export function productOf(row: ProductRow): ListedProduct {
  const { productId, shard, baseCurrency, quoteCurrency, status, version, selfTradePrevention } = row;
  const tick = parseIncrement(row.quoteIncrement);
  const lot = parseIncrement(row.baseIncrement);
  const quoteUnit = multiplyIncrements(tick, lot);
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
    row,
  };
}

/** Prices and sizes are whole steps by the table's constraints; limits of funds need not be, and are rounded inwards. */
function stepsWithin(text: string, { digits, units }: Increment, round: 'up' | 'down'): number {
  const [whole = '', fraction = ''] = text.split('.');
  const scale = Math.max(digits, fraction.length);
  const amount = BigInt(whole + fraction.padEnd(scale, '0'));
  const step = BigInt(units) * 10n ** BigInt(scale - digits);
  return Number((round === 'up' ? amount + step - 1n : amount) / step);
}
