// A product's book and last trades as Redis has them.

import type { Redis } from 'ioredis';
import { bookKey, shardKeys } from '../../../core/keys.ts';
import type { Side } from '../../../core/order.ts';
import { decodeReports } from '../../../core/wire/decode-reports.ts';
import { type EventsEntry, readEventsEntry } from '../../../core/wire/events.ts';
import { decodeResting, orderIdOfMember } from '../../../core/wire/resting-orders.ts';

export type Level = { readonly price: number; readonly size: number; readonly orders: number };
export type Book = { readonly bids: readonly Level[]; readonly asks: readonly Level[] };

export type Trade = {
  readonly tradeId: number;
  readonly takerSide: Side;
  readonly price: number;
  readonly size: number;
  readonly time: number;
};

/** Orders that are read at a time, and at most: a price at which thousands wait must not hold up Redis. */
const pageSize = 200;
const mostOrders = 2_000;
const attempts = 5;

export type Source = { readonly redis: Redis; readonly shard: string; readonly productId: string };

/** The best levels of both sides at one and the same moment, if one can be had while others trade. */
export async function readBook(source: Source, depth: number): Promise<Book> {
  const { redis, shard } = source;
  const matched = () => redis.hget(shardKeys(shard).state, 'matched');
  for (let attempt = 1; ; attempt++) {
    const before = await matched();
    const [bids, asks] = await Promise.all([
      readHalf(source, 'bids', depth),
      readHalf(source, 'asks', depth),
    ]);
    if (attempt === attempts || before === (await matched())) return { bids, asks };
  }
}

async function readHalf(
  { redis, shard, productId }: Source,
  half: 'bids' | 'asks',
  depth: number,
): Promise<Level[]> {
  const levels = new Map<number, { price: number; size: number; orders: number }>();
  for (let from = 0; from < mostOrders; from += pageSize) {
    const members = await redis.zrange(bookKey(shard, productId, half), from, String(from + pageSize - 1));
    if (members.length === 0) break;
    const ids = members.map((member) => String(orderIdOfMember(member)));
    for (const text of await redis.hmget(shardKeys(shard).orders, ...ids)) {
      if (text === null) continue; // filled meanwhile
      const { price, remaining } = decodeResting(text);
      if (price === null || remaining === null) continue; // a stop order that waits is in no book
      const level = levels.get(price) ?? { price, size: 0, orders: 0 };
      levels.set(price, { price, size: level.size + remaining, orders: level.orders + 1 });
    }
    if (levels.size > depth) break;
  }
  return [...levels.values()].slice(0, depth);
}

/** The trades of a product in an entry of the events stream, oldest first. */
export function tradesIn({ text }: EventsEntry, productId: string): Trade[] {
  return decodeReports(text).flatMap((report) => {
    if (report.productId !== productId) return [];
    const { time } = report.command;
    return report.events.flatMap((event) => {
      if (event.kind !== 'match') return [];
      const { tradeId, takerSide, price, size } = event;
      return [{ tradeId, takerSide, price, size, time }];
    });
  });
}

/** Whether an entry is about a product at all. */
export function isAbout({ text }: EventsEntry, productId: string): boolean {
  return text.includes(` ${productId} `);
}

const entriesAtStart = 200;

/** What the events stream still has of the last trades, and where it ends. */
export async function readLastTrades(
  { redis, shard, productId }: Source,
  most: number,
): Promise<{ readonly trades: Trade[]; readonly after: string }> {
  const rows = await redis.xrevrangeBuffer(shardKeys(shard).events, '+', '-', 'COUNT', entriesAtStart);
  const entries = rows.map((row) => readEventsEntry(row as [Buffer, Buffer[]]));
  const trades = entries.reverse().flatMap((entry) => tradesIn(entry, productId));
  return { trades: trades.slice(-most), after: entries.at(-1)?.id ?? '0-0' };
}

/** Waits for entries behind `after`, for a second at most. */
export async function readNext(
  { redis, shard }: Pick<Source, 'redis' | 'shard'>,
  after: string,
): Promise<EventsEntry[]> {
  const streams = await redis.xreadBuffer(
    'COUNT',
    100,
    'BLOCK',
    1_000,
    'STREAMS',
    shardKeys(shard).events,
    after,
  );
  const [, rows] = streams?.[0] ?? [null, []];
  return rows.map((row) => readEventsEntry(row as [Buffer, Buffer[]]));
}
