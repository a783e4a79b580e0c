import type { PlaceOrder, Product, SelfTradePrevention, Side } from '@cardstock/client/types';
import { fromUnits, placesOf, toUnits, toUnitsDown } from './decimal.ts';

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
  const size = isLimit(ticket) || ticket.by === 'size';
  return (
    (isStop(ticket) ? priceProblem('stopPrice', ticket.stopPrice, product) : null) ??
    (isLimit(ticket) ? priceProblem('price', ticket.price, product) : null) ??
    (size ? sizeProblem('size', ticket.size, product) : fundsProblem(ticket.funds, product)) ??
    (isIceberg(ticket) ? floorProblem(ticket, product) : null)
  );
}

function priceProblem(field: 'price' | 'stopPrice', text: string, product: Product): Problem | null {
  const refuse = (message: string) => ({ field, message });
  const name = field === 'price' ? 'price' : 'stop_price';
  if (text.trim() === '') return refuse(`${name} is required`);
  const places = placesOf(product.quote_increment);
  if (toUnits(text, 40) === null) return refuse(`Invalid ${name}`);
  const units = toUnits(text, places);
  if (units === null || units % toUnits(product.quote_increment, places)! !== 0n)
    return refuse(`${name} too precise. Smallest unit is ${product.quote_increment}`);
  if (units < toUnitsDown(product.min_price, places))
    return refuse(`${name} too small. Minimum price is ${product.min_price}`);
  if (units > toUnitsDown(product.max_price, places))
    return refuse(`${name} too large. Maximum price is ${product.max_price}`);
  return null;
}

function sizeProblem(field: 'size' | 'maxFloor', text: string, product: Product): Problem | null {
  const refuse = (message: string) => ({ field, message });
  const name = field === 'size' ? 'size' : 'max_floor';
  if (text.trim() === '') return refuse(`${name} is required`);
  const places = placesOf(product.base_increment);
  if (toUnits(text, 40) === null) return refuse(`Invalid ${name}`);
  const units = toUnits(text, places);
  if (units === null || units % toUnits(product.base_increment, places)! !== 0n)
    return refuse(`${name} is too accurate. Smallest unit is ${product.base_increment}`);
  if (units < toUnitsDown(product.base_min_size, places))
    return refuse(`${name} is too small. Minimum size is ${product.base_min_size}`);
  if (units > toUnitsDown(product.base_max_size, places))
    return refuse(`${name} is too large. Maximum size is ${product.base_max_size}`);
  return null;
}

const isIceberg = (ticket: Ticket): boolean => mayRest(ticket) && ticket.maxFloor.trim() !== '';

/** An order shows a hundredth of its size at least. */
function floorProblem({ maxFloor, size }: Ticket, product: Product): Problem | null {
  const places = placesOf(product.base_increment);
  const wrong = sizeProblem('maxFloor', maxFloor, product);
  if (wrong) return wrong;
  const [shown, whole] = [toUnits(maxFloor, places)!, toUnits(size, places)!];
  const refuse = (message: string) => ({ field: 'maxFloor' as const, message });
  if (shown > whole) return refuse('Invalid max_floor: is above size');
  return whole > shown * 100n ? refuse('Invalid max_floor: must be at least a 100th of size') : null;
}

function fundsProblem(text: string, product: Product): Problem | null {
  const refuse = (message: string) => ({ field: 'funds' as const, message });
  if (text.trim() === '') return refuse('funds is required');
  const places = placesOf(product.quote_increment) + placesOf(product.base_increment);
  if (toUnits(text, 40) === null) return refuse('Invalid funds');
  const units = toUnits(text, places);
  if (units === null) return refuse(`funds is too accurate. Smallest unit is ${fromUnits(1n, places)}`);
  if (units < toUnitsDown(product.min_market_funds, places))
    return refuse(`funds is too small. Minimum size is ${product.min_market_funds}`);
  return null;
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
