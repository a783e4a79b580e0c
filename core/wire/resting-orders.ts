// A resting order, or a stop order that waits, as Redis holds it: the text that `core/keys.ts` describes, and what a book has of it.

import { type Side, type Stop, stops } from '../order.ts';
import type { SelfTradePrevention } from '../product.ts';

export type RestingOrder = {
  readonly traderId: number;
  /** Null for a stop order by market without a size, as is the size. */
  readonly remaining: number | null;
  readonly productId: string;
  readonly side: Side;
  /** Null for a stop order by market. */
  readonly price: number | null;
  /** The sequence that put it where it rests. */
  readonly place: number;
  readonly size: number | null;
  readonly selfTradePrevention: SelfTradePrevention;
  readonly postOnly: boolean;
} & RestingTerms;

/** What most orders have not: they stand behind the rest as `<name>:<value>` with commas between. */
export type RestingTerms = {
  /** Of an order that waits. */
  readonly stop: Stop | null;
  readonly stopPrice: number | null;
  readonly funds: number | null;
  readonly expireTime: number | null;
  /** Which of those it was that one command gave a new place besides its own order, from 1: stop orders that it triggered, and refills. */
  readonly turn: number | null;
  /** The rates that it keeps, in parts per million. */
  readonly makerRate: number | null;
  readonly takerRate: number | null;
  /** What rounding its fees has charged it too much so far, in millionths of a unit. */
  readonly over: number | null;
  /** Of an iceberg: how much it shows at most, and what is hidden, which `remaining` does not have. */
  readonly maxFloor: number | null;
  readonly hidden: number | null;
};

export const noRestingTerms: RestingTerms = {
  stop: null,
  stopPrice: null,
  funds: null,
  expireTime: null,
  turn: null,
  makerRate: null,
  takerRate: null,
  over: null,
  maxFloor: null,
  hidden: null,
};

export function encodeResting(o: RestingOrder): string {
  const post = o.postOnly ? 'post' : '-';
  const terms = encodeTerms(o);
  return `${o.traderId} ${o.remaining ?? '-'} ${o.productId} ${o.side} ${o.price ?? '-'} ${o.place} ${o.size ?? '-'} ${o.selfTradePrevention} ${post}${terms && ` ${terms}`}`;
}

function encodeTerms(o: RestingTerms): string {
  const { stop, stopPrice, funds, expireTime, turn } = o;
  const parts = [];
  if (stop !== null) parts.push(`${stop}:${stopPrice}`);
  if (funds !== null) parts.push(`funds:${funds}`);
  if (expireTime !== null) parts.push(`expire:${expireTime}`);
  if (turn !== null) parts.push(`turn:${turn}`);
  if (o.makerRate !== null) parts.push(`make:${o.makerRate}`);
  if (o.takerRate !== null) parts.push(`take:${o.takerRate}`);
  if (o.over !== null) parts.push(`over:${o.over}`);
  if (o.maxFloor !== null) parts.push(`floor:${o.maxFloor}`);
  if (o.hidden !== null) parts.push(`hidden:${o.hidden}`);
  return parts.join(',');
}

export function decodeResting(text: string): RestingOrder {
  const [trader, remaining, productId, side, price, place, size, prevention, post, terms] = text.split(' ');
  return {
    traderId: Number(trader),
    remaining: numberOrNull(remaining!),
    productId: productId!,
    side: side as Side,
    price: numberOrNull(price!),
    place: Number(place),
    size: numberOrNull(size!),
    selfTradePrevention: prevention as SelfTradePrevention,
    postOnly: post === 'post',
    ...(terms === undefined ? noRestingTerms : decodeTerms(terms)),
  };
}

function numberOrNull(text: string): number | null {
  return text === '-' ? null : Number(text);
}

function decodeTerms(text: string): RestingTerms {
  const values = new Map(text.split(',').map((part) => part.split(':') as [string, string]));
  const termOf = (name: string): number | null => (values.has(name) ? Number(values.get(name)) : null);
  const stop = stops.find((name) => values.has(name)) ?? null;
  return {
    stop,
    stopPrice: stop && termOf(stop),
    funds: termOf('funds'),
    expireTime: termOf('expire'),
    turn: termOf('turn'),
    makerRate: termOf('make'),
    takerRate: termOf('take'),
    over: termOf('over'),
    maxFloor: termOf('floor'),
    hidden: termOf('hidden'),
  };
}

type Sorted = Pick<RestingOrder, 'side' | 'price'> & Partial<Pick<RestingTerms, 'stop' | 'stopPrice'>>;

/** The sorted set in which it stands. */
export function halfOf({ side, stop }: Sorted): 'bids' | 'asks' | 'losses' | 'entries' {
  if (stop) return stop === 'loss' ? 'losses' : 'entries';
  return side === 'buy' ? 'bids' : 'asks';
}

/** The lower, the better; of stop orders, the sooner they are met. */
export function scoreOf({ side, price, stop, stopPrice }: Sorted): number {
  if (stop) return stop === 'loss' ? -stopPrice! : stopPrice!;
  return side === 'buy' ? -price! : price!;
}

export function memberOf(orderId: number, place: number, turn: number | null = null): string {
  const text = String(place).padStart(16, '0');
  if (turn !== null) return `${text}~${turnText(turn)}:${orderId}`;
  return place === orderId ? text : `${text}:${orderId}`;
}

/** Sorts as the numbers do. */
function turnText(turn: number): string {
  return turn < 1_000_000 ? String(turn).padStart(6, '0') : `~${String(turn).padStart(12, '0')}`;
}

/** Its member in the sorted set of orders that expire; the score is when. */
export function expiryMember(orderId: number): string {
  return String(orderId).padStart(16, '0');
}

export function orderIdOfMember(member: string): number {
  return Number(/[1-9]\d*$/.exec(member)?.[0]);
}
