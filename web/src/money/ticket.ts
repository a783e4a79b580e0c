import type { PlaceOrder, Product, SelfTradePrevention, Side } from '@cardstock/client/types';
import { exact, fromUnits, multiplied, placesOf, toUnits, toUnitsDown } from './decimal.ts';

export const kinds = ['limit', 'market', 'stop-limit', 'stop-market'] as const;
export type Kind = (typeof kinds)[number];

/** What is typed into the ticket, as it is typed. */
export type Ticket = {
  readonly side: Side;
  readonly kind: Kind;
  readonly price: string;
  readonly size: string;
  readonly funds: string;
  /** Of a market order: whether its size or its funds are said. */
  readonly by: 'size' | 'funds';
  readonly stopPrice: string;
  /** Of an order that may rest: what it shows at a time. Empty for all. */
  readonly maxFloor: string;
  readonly timeInForce: 'GTC' | 'IOC' | 'FOK' | 'GTT';
  readonly cancelAfter: 'min' | 'hour' | 'day';
  readonly postOnly: boolean;
  /** '' is the product's own. */
  readonly stp: SelfTradePrevention | '';
};

export type Field = 'price' | 'size' | 'funds' | 'stopPrice' | 'maxFloor';
export type Problem = { readonly field: Field; readonly message: string };

export function isLimit({ kind }: Pick<Ticket, 'kind'>): boolean {
  return kind === 'limit' || kind === 'stop-limit';
}
export function isStop({ kind }: Pick<Ticket, 'kind'>): boolean {
  return kind === 'stop-limit' || kind === 'stop-market';
}

/** Whether a part of it can come to rest. */
export function mayRest(ticket: Pick<Ticket, 'kind' | 'timeInForce'>): boolean {
  return isLimit(ticket) && (isStop(ticket) || ticket.timeInForce === 'GTC' || ticket.timeInForce === 'GTT');
}

/** The first thing that the exchange would refuse, in its own words; null for a ticket that it would take. */
export function problemOf(ticket: Ticket, product: Product): Problem | null {
  const hasSize = isLimit(ticket) || ticket.by === 'size';
  return (
    (isStop(ticket) ? amountProblem('stopPrice', ticket, product) : null) ??
    (isLimit(ticket) ? amountProblem('price', ticket, product) : null) ??
    amountProblem(hasSize ? 'size' : 'funds', ticket, product) ??
    (isIceberg(ticket) ? floorProblem(ticket, product) : null)
  );
}

/** The words of the API for what is wrong with an amount. */
type Wording = { readonly name: string; readonly tooPrecise: string; readonly tooSmall: string };
type Bounds = { readonly increment: string; readonly least: string; readonly most: string };

const priceWords = (name: string): Wording => ({
  ...{ name, tooPrecise: `${name} too precise`, tooSmall: `${name} too small` },
});
const sizeWords = (name: string): Wording => ({
  ...{ name, tooPrecise: `${name} is too accurate`, tooSmall: `${name} is too small` },
});
const wordings: Readonly<Record<Field, Wording>> = {
  ...{ price: priceWords('price'), stopPrice: priceWords('stop_price') },
  ...{ size: sizeWords('size'), maxFloor: sizeWords('max_floor') },
  funds: { ...sizeWords('funds'), tooSmall: 'size is too small: funds' },
};

function boundsOf(field: Field, product: Product): Bounds {
  const { quote_increment, base_increment } = product;
  if (field === 'price' || field === 'stopPrice')
    return { increment: quote_increment, least: product.min_price, most: product.max_price };
  if (field !== 'funds')
    return { increment: base_increment, least: product.base_min_size, most: product.base_max_size };
  const increment = multiplied(quote_increment, base_increment);
  return { increment, least: product.min_market_funds, most: product.max_market_funds };
}

const plainDecimal = /^-?\d{1,40}(\.\d{1,40})?$/;

function amountProblem(field: Field, ticket: Ticket, product: Product): Problem | null {
  const { name, tooPrecise, tooSmall } = wordings[field];
  const { increment, least, most } = boundsOf(field, product);
  const refuse = (message: string) => ({ field, message });
  const text = ticket[field].trim();
  if (text === '') return refuse(`${name} is required`);
  if (!plainDecimal.test(text)) return refuse(`Invalid ${name}: must be a plain decimal number`);
  const units = exact(text);
  if (units < exact(least)) return refuse(`${tooSmall}: must be at least ${least}`);
  if (units % exact(increment) !== 0n) return refuse(`${tooPrecise}: must be a multiple of ${increment}`);
  return units > exact(most) ? refuse(`${name} is too large: must be at most ${most}`) : null;
}

const isIceberg = (ticket: Ticket): boolean => mayRest(ticket) && ticket.maxFloor.trim() !== '';

/** An order shows a hundredth of its size at least. */
function floorProblem(ticket: Ticket, product: Product): Problem | null {
  const wrong = amountProblem('maxFloor', ticket, product);
  if (wrong) return wrong;
  const [shown, whole] = [exact(ticket.maxFloor), exact(ticket.size)];
  const refuse = (message: string) => ({ field: 'maxFloor' as const, message });
  if (shown > whole) return refuse('Invalid max_floor: is above size');
  return whole > shown * 100n ? refuse('Invalid max_floor: must be at least a 100th of size') : null;
}

/** The order that a ticket says. */
export function orderOf(ticket: Ticket, product: Product): PlaceOrder {
  const { side, stp } = ticket;
  const stop = isStop(ticket)
    ? { stop: side === 'sell' ? ('loss' as const) : ('entry' as const), stop_price: ticket.stopPrice.trim() }
    : {};
  const common = { product_id: product.id, side, ...(stp === '' ? {} : { stp }), ...stop };
  if (!isLimit(ticket)) {
    const amount = ticket.by === 'size' ? { size: ticket.size.trim() } : { funds: ticket.funds.trim() };
    return { ...common, type: 'market', ...amount };
  }
  // A stop order that is triggered rests, or takes: it says nothing of how.
  const timeInForce = isStop(ticket) && ticket.timeInForce !== 'GTT' ? 'GTC' : ticket.timeInForce;
  return {
    ...common,
    type: 'limit',
    price: ticket.price.trim(),
    size: ticket.size.trim(),
    time_in_force: timeInForce,
    ...(timeInForce === 'GTT' ? { cancel_after: ticket.cancelAfter } : {}),
    ...(ticket.postOnly && !isStop(ticket) ? { post_only: true } : {}),
    ...(isIceberg(ticket) ? { max_floor: ticket.maxFloor.trim() } : {}),
  };
}

export type Available = { readonly base: string | null; readonly quote: string | null };

/** A part of what is available, as a size in whole lots: never more than can be paid, fees included. Null if that is not known. */
export function sizeOfPart(
  { side, percent, price }: { side: Side; percent: bigint; price: string | null },
  available: Available,
  product: Product,
): string | null {
  const sizePlaces = placesOf(product.base_increment);
  const lot = toUnits(product.base_increment, sizePlaces)!;
  const most = toUnitsDown(product.base_max_size, sizePlaces);
  const whole = (units: bigint): string => {
    const part = (units * percent) / 100n;
    const capped = part > most ? most : part;
    return fromUnits((capped / lot) * lot, sizePlaces);
  };
  if (side === 'sell') return whole(available.base === null ? most : toUnitsDown(available.base, sizePlaces));
  if (available.quote === null) return whole(most);
  const pricePlaces = placesOf(product.quote_increment);
  const priceUnits = price === null ? null : toUnits(price, pricePlaces);
  if (priceUnits === null || priceUnits <= 0n) return null;
  const [maker, taker] = [product.maker_fee_rate, product.taker_fee_rate].map((rate) => toUnits(rate, 6)!);
  const worst = maker! > taker! ? maker! : taker!;
  const money = (toUnitsDown(available.quote, pricePlaces + sizePlaces) * 1_000_000n) / (1_000_000n + worst);
  return whole(money / priceUnits);
}
