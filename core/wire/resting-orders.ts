// A resting order as Redis holds it: the text that `core/keys.ts` describes, and what a book has of it.

import type { Side } from '../order.ts';
import type { SelfTradePrevention } from '../product.ts';

export type RestingOrder = {
  readonly traderId: number;
  readonly remaining: number;
  readonly productId: string;
  readonly side: Side;
  readonly price: number;
  /** The sequence that put it where it rests. */
  readonly place: number;
  readonly size: number;
  readonly selfTradePrevention: SelfTradePrevention;
  readonly postOnly: boolean;
};

export function encodeResting(o: RestingOrder): string {
  const post = o.postOnly ? 'post' : '-';
  return `${o.traderId} ${o.remaining} ${o.productId} ${o.side} ${o.price} ${o.place} ${o.size} ${o.selfTradePrevention} ${post}`;
}

export function decodeResting(text: string): RestingOrder {
  const [trader, remaining, productId, side, price, place, size, prevention, post] = text.split(' ');
  return {
    traderId: Number(trader),
    remaining: Number(remaining),
    productId: productId!,
    side: side as Side,
    price: Number(price),
    place: Number(place),
    size: Number(size),
    selfTradePrevention: prevention as SelfTradePrevention,
    postOnly: post === 'post',
  };
}

export function halfOf({ side }: Pick<RestingOrder, 'side'>): 'bids' | 'asks' {
  return side === 'buy' ? 'bids' : 'asks';
}

/** The lower, the better. */
export function scoreOf({ side, price }: Pick<RestingOrder, 'side' | 'price'>): number {
  return side === 'buy' ? -price : price;
}

export function memberOf(orderId: number, place: number): string {
  const text = String(place).padStart(16, '0');
  return place === orderId ? text : `${text}:${orderId}`;
}

export function orderIdOfMember(member: string): number {
  return Number(/[1-9]\d*$/.exec(member)?.[0]);
}
