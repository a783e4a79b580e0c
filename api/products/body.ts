import { z } from 'zod';
import { type ProductStatus, productStatuses, selfTradePreventions } from '../../core/product.ts';
import {
  formatAmount,
  type Increment,
  multiplyIncrements,
  parseAmount,
  parseIncrement,
  partPerMillion,
} from '../../core/units.ts';
import { BadRequest } from '../errors.ts';
import { decimal, flag, must, objectError } from '../http/body.ts';
import type { ProductRow } from './queries/load-products.ts';

/** What of a product can be changed at any time. */
const changeable = {
  status: z.enum(productStatuses, must('must be online, cancel_only, offline or auction')).optional(),
  cancel_only: flag.optional(),
  auction_mode: flag.optional(),
  trading_disabled: flag.optional(),
  min_price: decimal.optional(),
  max_price: decimal.optional(),
  base_min_size: decimal.optional(),
  base_max_size: decimal.optional(),
  min_market_funds: decimal.optional(),
  max_market_funds: decimal.optional(),
  maker_fee_rate: decimal.optional(),
  taker_fee_rate: decimal.optional(),
  price_collar: decimal.optional(),
  collar_halts: flag.optional(),
  stp: z.enum(selfTradePreventions, must('must be none, dc, co, cn or cb')).optional(),
  max_makers: z
    .int(must('must be a whole number'))
    .min(1, 'must be from 1 to 10000')
    .max(10_000, 'must be from 1 to 10000')
    .optional(),
};

/** The body of PUT /products/{id}. */
export const productChangeBody = z.object(
  {
    ...changeable,
    quote_increment: decimal.optional(),
    base_increment: decimal.optional(),
    funded: flag.optional(),
  },
  objectError,
);

/** The body of POST /products. */
export const newProductBody = z.object(
  {
    ...changeable,
    id: z
      .string(must('must be text'))
      .regex(
        /^[A-Z0-9]{1,16}-[A-Z0-9]{1,16}$/,
        'must be two currencies with a dash between, such as PIKACHU-USD',
      ),
    quote_increment: decimal,
    base_increment: decimal,
    funded: flag.default(false),
    max_price: decimal,
    base_max_size: decimal,
    shard: z.string(must('must be text')).optional(),
  },
  objectError,
);

export type ProductChangeBody = z.output<typeof productChangeBody>;
export type NewProductBody = z.output<typeof newProductBody>;

/** The limits of a product as its row has them, and what can be changed besides. */
export type ProductLimits = Pick<
  ProductRow,
  'minPrice' | 'maxPrice' | 'baseMinSize' | 'baseMaxSize' | 'minMarketFunds' | 'maxMarketFunds'
>;

type StatusBody = Pick<ProductChangeBody, 'status' | 'cancel_only' | 'auction_mode' | 'trading_disabled'>;

/**
 * What a body says the status is; clients send `status` with the flags that an answer shows. A flag alone that is false
 * ends what it names and nothing else.
 */
export function statusOf(
  { status, cancel_only, auction_mode, trading_disabled }: StatusBody,
  now: ProductStatus,
): ProductStatus {
  if (trading_disabled || status === 'offline') return 'offline';
  if (cancel_only || status === 'cancel_only') return 'cancel_only';
  if (auction_mode || status === 'auction') return 'auction';
  if (status === 'online') return 'online';
  const isEnded =
    (now === 'cancel_only' && cancel_only === false) ||
    (now === 'auction' && auction_mode === false) ||
    (now === 'offline' && trading_disabled === false);
  return isEnded ? 'online' : now;
}

/** What stored amounts mean cannot change. A client may send it as it is, with the rest of an answer. */
export function refuseNewMeaning(
  { quote_increment, base_increment, funded }: ProductChangeBody,
  { row, funding }: { readonly row: ProductRow; readonly funding: unknown },
): void {
  const cannotChange = (name: string): BadRequest =>
    new BadRequest(`Invalid ${name}: cannot change; add another product`);
  const given = { quote_increment, base_increment };
  const kept = { quote_increment: row.quoteIncrement, base_increment: row.baseIncrement };
  for (const name of ['quote_increment', 'base_increment'] as const) {
    const text = given[name];
    if (text === undefined) continue;
    const [one, other] = [readIncrement(name, text), readIncrement(name, kept[name])];
    if (one.digits !== other.digits || one.units !== other.units) throw cannotChange(name);
  }
  if (funded !== undefined && funded !== (funding !== null)) throw cannotChange('funded');
}

const mostFee = 100_000;

/** `priceCollar` is decimal text. */
export type Collar = Pick<ProductRow, 'priceCollar' | 'collarHalts'>;

type FeeRates = { readonly makerFeeRate: string; readonly takerFeeRate: string };

/** The rates that a body leaves a product with. Throws if they are none, or if the product cannot have any. */
export function feeRatesOf(
  { maker_fee_rate, taker_fee_rate }: Pick<ProductChangeBody, 'maker_fee_rate' | 'taker_fee_rate'>,
  now: FeeRates & { readonly isFunded: boolean },
): FeeRates {
  const read = (name: string, given: string | number | undefined, kept: string): string => {
    if (given === undefined) return kept;
    const rate = parseAmount(String(given), partPerMillion);
    if (typeof rate !== 'number' || rate < 0 || rate > mostFee)
      throw new BadRequest(`Invalid ${name}: must be from 0 to 0.1, with six decimal places at most`);
    if (rate > 0 && !now.isFunded)
      throw new BadRequest(`Invalid ${name}: a product that touches no account has no fees`);
    return String(given);
  };
  return {
    makerFeeRate: read('maker_fee_rate', maker_fee_rate, now.makerFeeRate),
    takerFeeRate: read('taker_fee_rate', taker_fee_rate, now.takerFeeRate),
  };
}

const widestCollar = 1_000_000;

/** The collar that a body leaves a product with. Throws if it is none. */
export function collarOf(
  { price_collar, collar_halts }: Pick<ProductChangeBody, 'price_collar' | 'collar_halts'>,
  now: Collar,
): Collar {
  const priceCollar = price_collar ?? now.priceCollar;
  const width = parseAmount(priceCollar, partPerMillion);
  if (typeof width !== 'number' || width < 0 || width > widestCollar)
    throw new BadRequest('Invalid price_collar: must be from 0 to 1, with six decimal places at most');
  return { priceCollar, collarHalts: collar_halts ?? now.collarHalts };
}

/** The limits that a change leaves a product with. Throws if what is given makes none of them. */
export function changedLimits(body: ProductChangeBody, row: ProductRow): ProductLimits {
  const limits = {
    minPrice: String(body.min_price ?? row.minPrice),
    maxPrice: String(body.max_price ?? row.maxPrice),
    baseMinSize: String(body.base_min_size ?? row.baseMinSize),
    baseMaxSize: String(body.base_max_size ?? row.baseMaxSize),
    minMarketFunds: String(body.min_market_funds ?? row.minMarketFunds),
    maxMarketFunds: String(body.max_market_funds ?? row.maxMarketFunds),
  };
  // A row may have limits of funds between two steps, which nobody has to mend who changes something else.
  const isGiven = Object.keys(limits).some(
    (key) => limits[key as keyof ProductLimits] !== row[key as keyof ProductLimits],
  );
  if (isGiven)
    checkLimits(
      limits,
      readIncrement('quote_increment', row.quoteIncrement),
      readIncrement('base_increment', row.baseIncrement),
    );
  return limits;
}

/** The limits of a new product: whatever is least where nothing is said, and funds for the largest order at the highest price. */
export function newLimits(body: NewProductBody): ProductLimits {
  const tick = readIncrement('quote_increment', body.quote_increment);
  const lot = readIncrement('base_increment', body.base_increment);
  const quoteUnit = multiplyIncrements(tick, lot);
  const largest = largestValue(
    readLimit('max_price', body.max_price, tick),
    readLimit('base_max_size', body.base_max_size, lot),
  );
  const limits = {
    minPrice: String(body.min_price ?? formatAmount(1, tick)),
    maxPrice: String(body.max_price),
    baseMinSize: String(body.base_min_size ?? formatAmount(1, lot)),
    baseMaxSize: String(body.base_max_size),
    minMarketFunds: String(body.min_market_funds ?? formatAmount(1, quoteUnit)),
    maxMarketFunds: String(body.max_market_funds ?? formatAmount(largest, quoteUnit)),
  };
  checkLimits(limits, tick, lot);
  return limits;
}

function checkLimits(limits: ProductLimits, tick: Increment, lot: Increment): void {
  const quoteUnit = multiplyIncrements(tick, lot);
  const maxPrice = readRange(['min_price', limits.minPrice], ['max_price', limits.maxPrice], tick);
  const maxSize = readRange(
    ['base_min_size', limits.baseMinSize],
    ['base_max_size', limits.baseMaxSize],
    lot,
  );
  readRange(
    ['min_market_funds', limits.minMarketFunds],
    ['max_market_funds', limits.maxMarketFunds],
    quoteUnit,
  );
  largestValue(maxPrice, maxSize);
}

/** What the largest order is worth at the highest price. A product for which that cannot be told exactly is refused. */
function largestValue(maxPrice: number, maxSize: number): number {
  const value = maxPrice * maxSize;
  if (Number.isSafeInteger(value)) return value;
  throw new BadRequest(
    'Invalid base_max_size: the largest order at max_price must be worth less than 2^53 of the smallest units',
  );
}

type Named = readonly [name: string, text: string];

function readRange(least: Named, most: Named, increment: Increment): number {
  const highest = readLimit(...most, increment);
  if (readLimit(...least, increment) > highest)
    throw new BadRequest(`Invalid ${least[0]}: must not be above ${most[0]}`);
  return highest;
}

function readLimit(name: string, given: string | number, increment: Increment): number {
  const amount = parseAmount(String(given), increment);
  if (typeof amount === 'number' && amount > 0) return amount;
  throw new BadRequest(`Invalid ${name}: must be a positive multiple of ${formatAmount(1, increment)}`);
}

function readIncrement(name: string, given: string | number): Increment {
  try {
    return parseIncrement(String(given));
  } catch {
    throw new BadRequest(`Invalid ${name}: must be a positive plain decimal`);
  }
}
