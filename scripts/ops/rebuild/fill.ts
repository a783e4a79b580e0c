// Writes what PostgreSQL has into an empty shard, a page at a time, in the text that the scripts read (`matcher/lua/book.lua`).

import type { Redis } from 'ioredis';
import type { CommonQueryMethods } from 'slonik';
import { accountKey, bookKey, clientOidKey, shardKeys, transferKey } from '../../../core/keys.ts';
import { encodeResting, expiryMember, halfOf, memberOf, scoreOf } from '../../../core/wire/resting-orders.ts';
import { send } from './existing-keys.ts';
import { accounts, openOrders, ordersSince, transfersSince } from './pages.ts';
import type { ShardRange } from './source.ts';

export type Filling = {
  readonly redis: Redis;
  readonly connection: CommonQueryMethods;
  readonly range: ShardRange;
  /** Called after each page with how many there are by now. */
  readonly progress: (what: string, count: number) => void;
};

/** The books, and the orders in them. Returns how many there are. */
export async function fillBooks({ redis, connection, range, progress }: Filling): Promise<number> {
  const { orders, expiring } = shardKeys(range.shard);
  const earliest = new Map<string, number>();
  let count = 0;
  for await (const page of openOrders(connection, range)) {
    const halves = new Map<string, (string | number)[]>();
    for (const order of page) {
      const key = bookKey(range.shard, order.productId, halfOf(order));
      if (!halves.has(key)) halves.set(key, []);
      halves.get(key)!.push(scoreOf(order), memberOf(order.orderId, order.place, order.turn));
      if (order.expireTime === null) continue;
      const expiries = bookKey(range.shard, order.productId, 'expiries');
      if (!halves.has(expiries)) halves.set(expiries, []);
      halves.get(expiries)!.push(order.expireTime, expiryMember(order.orderId));
      earliest.set(order.productId, Math.min(earliest.get(order.productId) ?? Infinity, order.expireTime));
    }
    const pipeline = redis.pipeline();
    pipeline.hset(orders, ...page.flatMap((order) => [order.orderId, encodeResting(order)]));
    for (const [key, members] of halves) pipeline.zadd(key, ...members);
    await send(pipeline);
    count += page.length;
    progress('open orders', count);
  }
  if (earliest.size > 0) await redis.zadd(expiring, ...[...earliest].flatMap(([id, time]) => [time, id]));
  return count;
}

export async function fillAccounts({ redis, connection, range, progress }: Filling): Promise<number> {
  let count = 0;
  for await (const page of accounts(connection, range)) {
    const pipeline = redis.pipeline();
    for (const { traderId, currency, balance, hold } of page) {
      const fields = { [`${currency}:available`]: balance - hold, [`${currency}:hold`]: hold };
      pipeline.hset(accountKey(range.shard, traderId), fields);
    }
    await send(pipeline);
    count += page.length;
    progress('accounts', count);
  }
  return count;
}

/** What must not be taken a second time is remembered for the rest of the time that it would have been. */
export async function fillWindow(filling: Filling, windowMs: number): Promise<number> {
  const { redis, connection, range, progress } = filling;
  const since = Date.now() - windowMs;
  let count = 0;
  const remember = async (given: readonly Given[]): Promise<void> => {
    const pipeline = redis.pipeline();
    // Orders come newest first, and of one client order id the newest is the one that was remembered.
    for (const { key, sequence, time } of given) {
      pipeline.set(key, sequence, 'PX', restOfWindow(time, windowMs), 'NX');
    }
    if (given.length > 0) await send(pipeline);
    count += given.length;
    progress('ids that were given', count);
  };
  for await (const page of ordersSince(connection, range, since)) {
    await remember(
      page.flatMap(({ traderId, clientOid, sequence, time }) =>
        clientOid === null ? [] : { key: clientOidKey(range.shard, traderId, clientOid), sequence, time },
      ),
    );
  }
  for await (const page of transfersSince(connection, range, since)) {
    await remember(
      page.map(({ transferId, sequence, time }) => ({
        key: transferKey(range.shard, transferId),
        sequence,
        time,
      })),
    );
  }
  return count;
}

type Given = { readonly key: string; readonly sequence: number; readonly time: number };

/** At least a millisecond, and never more than the window, whatever the api's clock said. */
export function restOfWindow(time: number, windowMs: number): number {
  return Math.max(1, Math.min(windowMs, time + windowMs - Date.now()));
}
