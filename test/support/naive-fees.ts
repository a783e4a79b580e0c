import type { Fee, FeeRates } from '../../core/wire/reports.ts';
import type { NaiveExchange, NaiveFees, NaiveOrder } from './naive-exchange.ts';

const million = 1_000_000n;

function roundedUp(millionths: bigint): bigint {
  return (millionths + million - 1n) / million;
}

/** What an order has yet to pay for trading a value: all of its fees are rounded up together. */
export function feeFor({ owed }: Pick<NaiveFees, 'owed'>, value: bigint, rate: number): bigint {
  return roundedUp(owed + value * BigInt(rate)) - roundedUp(owed);
}

/** Charges an order for a trade. */
export function owe(order: NaiveFees, value: bigint, rate: number): Fee {
  const units = Number(feeFor(order, value, rate));
  order.owed += value * BigInt(rate);
  return { units, rate, over: overOf(order) };
}

/** What it has paid beyond what it owes. */
export function overOf({ owed }: Pick<NaiveFees, 'owed'>): number {
  return Number(roundedUp(owed) * million - owed);
}

/** Products that touch no account have no fees. */
export function ratesOf({ products }: NaiveExchange, productId: string): FeeRates {
  const product = products.get(productId);
  if (!product?.funding) return { maker: 0, taker: 0 };
  return { maker: product.rules.makerFee ?? 0, taker: product.rules.takerFee ?? 0 };
}

/** The rates of an order that comes in now, in full or, by an amend, with what is left of it. */
export function ratesFor(
  exchange: NaiveExchange,
  order: Pick<NaiveOrder, 'productId' | 'postOnly'> & { readonly mayRest: boolean },
): Pick<NaiveFees, 'rates' | 'worstRate'> {
  const rates = ratesOf(exchange, order.productId);
  if (order.postOnly) return { rates, worstRate: rates.maker };
  return { rates, worstRate: order.mayRest ? Math.max(rates.maker, rates.taker) : rates.taker };
}

/** The largest value, in quote units, that a buy by funds can trade so that its fee is within them as well. */
export function valueWithin(exchange: NaiveExchange, productId: string, funds: number, rate: number): number {
  const units = BigInt(exchange.products.get(productId)?.funding?.quoteUnits ?? 1);
  let [low, high] = [0n, BigInt(funds)];
  while (low < high) {
    const value = (low + high + 1n) / 2n;
    if (value * units + feeFor({ owed: 0n }, value * units, rate) <= BigInt(funds) * units) low = value;
    else high = value - 1n;
  }
  return Number(low);
}
