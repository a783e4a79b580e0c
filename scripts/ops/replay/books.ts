// The books as a replay leaves them.

import { createHash } from 'node:crypto';
import { bookKey, shardKeys } from '../../../core/keys.ts';
import { decodeResting, orderIdOfMember, type RestingOrder } from '../../../core/wire/resting-orders.ts';
import type { Namespace } from './namespace.ts';

export type BookOrder = Omit<RestingOrder, 'price' | 'size' | 'remaining'> & {
  readonly id: number;
  readonly price: number;
  readonly size: number;
  readonly remaining: number;
};
type Half = 'bids' | 'asks';
const halves: readonly Half[] = ['bids', 'asks'];
const atOnce = 1_000;

/** Every product that was announced, by its id. */
export async function productsOf({ redis, name }: Namespace): Promise<string[]> {
  return (await redis.hkeys(shardKeys(name).products)).sort();
}

/** The orders of half a book, best first; those up to a score, if one is given. */
export async function* ordersOf(
  { redis, name }: Namespace,
  { productId, half, upTo = '+inf' }: { productId: string; half: Half; upTo?: number | '+inf' },
): AsyncGenerator<BookOrder> {
  const key = bookKey(name, productId, half);
  for (let from = 0; ; from += atOnce) {
    const members = await redis.zrangebyscore(key, '-inf', upTo, 'LIMIT', from, atOnce);
    if (members.length === 0) return;
    const ids = members.map(orderIdOfMember);
    const texts = await redis.hmget(shardKeys(name).orders, ...ids.map(String));
    for (const [i, id] of ids.entries()) {
      const { price, size, remaining, ...order } = decodeResting(texts[i]!);
      // What rests in a book has all three.
      yield { ...order, id, price: price!, size: size!, remaining: remaining! };
    }
  }
}

/**
 * Of the orders of all books, by product, bids before asks, best first, one line each with tabs between: product, side,
 * price, place, order, trader, remaining, size, and of an iceberg what of the rest is hidden; in ticks and lots, and in the order of bytes.
 */
export async function hashBooks(namespace: Namespace): Promise<{ orders: number; sha256: string }> {
  const sha = createHash('sha256');
  let orders = 0;
  for (const productId of await productsOf(namespace)) {
    for (const half of halves) {
      for await (const o of ordersOf(namespace, { productId, half })) {
        const fields = [productId, o.side, o.price, o.place, o.id, o.traderId, o.remaining, o.size];
        if (o.hidden !== null) fields.push(o.hidden);
        sha.update(`${fields.join('\t')}\n`);
        orders++;
      }
    }
  }
  return { orders, sha256: sha.digest('hex') };
}

/** One price of half a book, with the orders in their queue. */
export type Level = { readonly price: number; readonly orders: readonly BookOrder[] };
export type Book = {
  readonly productId: string;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
};

/** The best `depth` prices of every book. */
export async function readBooks(namespace: Namespace, depth: number): Promise<Book[]> {
  const books: Book[] = [];
  for (const productId of await productsOf(namespace)) {
    const [bids, asks] = await Promise.all(
      halves.map((half) => readLevels(namespace, { productId, half, depth })),
    );
    books.push({ productId, bids: bids!, asks: asks! });
  }
  return books;
}

async function readLevels(
  namespace: Namespace,
  { productId, half, depth }: { productId: string; half: Half; depth: number },
): Promise<Level[]> {
  const levels: { price: number; orders: BookOrder[] }[] = [];
  for await (const order of ordersOf(namespace, { productId, half })) {
    if (levels.at(-1)?.price !== order.price) {
      if (levels.length === depth) break;
      levels.push({ price: order.price, orders: [] });
    }
    levels.at(-1)!.orders.push(order);
  }
  return levels;
}
