import type { Product } from '../../core/product.ts';
import { formatAmount, type Increment, parseAmount } from '../../core/units.ts';
import { BadRequest } from '../errors.ts';

/** The words for what is wrong with an amount. CCXT and others tell errors apart by some of these texts. */
type Wording = { readonly name: string; readonly tooPrecise: string; readonly tooSmall: string };
type Bounds = { readonly increment: Increment; readonly least: number; readonly most: number };

const priceWording: Wording = {
  name: 'price',
  tooPrecise: 'price too precise',
  tooSmall: 'price too small',
};
const stopPriceWording: Wording = {
  name: 'stop_price',
  tooPrecise: 'stop_price too precise',
  tooSmall: 'stop_price too small',
};
const sizeWording: Wording = {
  name: 'size',
  tooPrecise: 'size is too accurate',
  tooSmall: 'size is too small',
};
const maxFloorWording: Wording = {
  name: 'max_floor',
  tooPrecise: 'max_floor is too accurate',
  tooSmall: 'max_floor is too small',
};
const fundsWording: Wording = {
  name: 'funds',
  tooPrecise: 'funds is too accurate',
  tooSmall: 'size is too small: funds',
};

const amountWording: Wording = {
  name: 'amount',
  tooPrecise: 'amount is too accurate',
  tooSmall: 'amount is too small',
};

/** An amount of money, in units of its currency. */
export function readMoney(given: string | number, increment: Increment): number {
  return readAmount(given, { increment, least: 1, most: Number.MAX_SAFE_INTEGER }, amountWording);
}

export function readPrice(given: string | number, { tick, minPrice, maxPrice }: Product): number {
  return readAmount(given, { increment: tick, least: minPrice, most: maxPrice }, priceWording);
}

export function readStopPrice(given: string | number, { tick, minPrice, maxPrice }: Product): number {
  return readAmount(given, { increment: tick, least: minPrice, most: maxPrice }, stopPriceWording);
}

export function readSize(given: string | number, { lot, minSize, maxSize }: Product): number {
  return readAmount(given, { increment: lot, least: minSize, most: maxSize }, sizeWording);
}

export function readMaxFloor(given: string | number, { lot, minSize, maxSize }: Product): number {
  return readAmount(given, { increment: lot, least: minSize, most: maxSize }, maxFloorWording);
}

export function readFunds(given: string | number, { quoteUnit, minFunds, maxFunds }: Product): number {
  return readAmount(given, { increment: quoteUnit, least: minFunds, most: maxFunds }, fundsWording);
}

function readAmount(given: string | number, { increment, least, most }: Bounds, wording: Wording): number {
  const amount = parseAmount(String(given), increment);
  if (amount === 'malformed') throw new BadRequest(`Invalid ${wording.name}: must be a plain decimal number`);
  if (amount === 'too precise' && !(Number(given) < Number(formatAmount(least, increment))))
    throw new BadRequest(`${wording.tooPrecise}: must be a multiple of ${formatAmount(1, increment)}`);
  const tooLarge =
    amount === 'too large' ? !String(given).startsWith('-') : typeof amount === 'number' && amount > most;
  if (tooLarge)
    throw new BadRequest(`${wording.name} is too large: must be at most ${formatAmount(most, increment)}`);
  if (typeof amount !== 'number' || amount < least)
    throw new BadRequest(`${wording.tooSmall}: must be at least ${formatAmount(least, increment)}`);
  return amount;
}
