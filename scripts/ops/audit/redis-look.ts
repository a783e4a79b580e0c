// One look at Redis: all of a shard that is not history, read in one transaction, so that it stands at one `matched`.

import type { Redis } from 'ioredis';
import { accountKey, bookKey, type ShardKeys, shardKeys } from '../../../core/keys.ts';
import { sleep } from '../../../core/lifecycle.ts';

export type RedisLook = {
  /** `sequence`, `matched`, `persisted` and the counters of products. */
  readonly state: Readonly<Record<string, string>>;
  readonly orders: ReadonlyMap<string, string>;
  readonly products: Readonly<Record<string, string>>;
  readonly frozen: ReadonlySet<string>;
  /** Members and scores in turn, in the order of the set. */
  readonly halves: ReadonlyMap<string, HalfLook>;
  /** `<trader> <currency>` → what is available and on hold. */
  readonly accounts: ReadonlyMap<string, string>;
  /** The first sequence that each stream still holds; null if it holds nothing. */
  readonly firstEvent: number | null;
  readonly firstCommand: number | null;
  readonly dead: number;
};

export type HalfLook = {
  readonly productId: string;
  readonly half: 'bids' | 'asks' | 'losses' | 'entries';
  readonly members: readonly string[];
};

/** Whose accounts and which books to read; a transaction cannot look for keys. */
export type Wanted = { readonly productIds: ReadonlySet<string>; readonly traderIds: ReadonlySet<number> };

/** The traders and products whose accounts and books are in Redis now. */
export async function findKeys(redis: Redis, shard: string): Promise<Wanted> {
  const { accounts, books } = shardKeys(shard);
  const [productIds, traderIds] = [new Set<string>(), new Set<number>()];
  for await (const keys of redis.scanStream({
    match: `${accounts.replace(/account:$/, '')}[ab]*`,
    count: 10_000,
  })) {
    for (const key of keys as string[]) {
      if (key.startsWith(accounts)) traderIds.add(Number(key.slice(accounts.length)));
      else if (key.startsWith(books)) productIds.add(key.slice(books.length).replace(/:(bids|asks)$/, ''));
    }
  }
  return { productIds, traderIds };
}

const waitMs = 100;
const mostWaits = 600;

/** Not in the midst of a command that is longer than a run, if its end can be waited for. */
export async function lookBetweenCommands(redis: Redis, shard: string, wanted: Wanted): Promise<RedisLook> {
  for (let waits = 0; ; waits++) {
    const isBetween = !(await redis.hexists(shardKeys(shard).state, 'cascade'));
    if (isBetween || waits >= mostWaits) {
      const look = await lookAtRedis(redis, shard, wanted);
      if (look.state.cascade === undefined || waits >= mostWaits) return look;
    }
    await sleep(waitMs);
  }
}

async function lookAtRedis(redis: Redis, shard: string, wanted: Wanted): Promise<RedisLook> {
  const keys = shardKeys(shard);
  const traderIds = [...wanted.traderIds];
  const halves = [...wanted.productIds].flatMap((productId) =>
    (['bids', 'asks', 'losses', 'entries'] as const).map((half) => ({ productId, half })),
  );
  const transaction = redis.multi();
  askForShard(transaction, keys);
  for (const { productId, half } of halves)
    transaction.zrange(bookKey(shard, productId, half), 0, '-1', 'WITHSCORES');
  for (const traderId of traderIds) transaction.hgetall(accountKey(shard, traderId));
  const replies = ((await transaction.exec()) ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
  const [state, orderIds, orders, products, frozen, dead, events, commands, ...others] = replies;
  const books = others.slice(0, halves.length) as string[][];
  const accounts = others.slice(halves.length) as Record<string, string>[];
  return {
    state: state as Record<string, string>,
    orders: pairUp(orderIds as string[], orders as string[]),
    products: products as Record<string, string>,
    frozen: new Set(frozen as string[]),
    halves: new Map(
      halves.map((half, i) => [`${half.productId} ${half.half}`, { ...half, members: books[i]! }]),
    ),
    accounts: new Map(accounts.flatMap((fields, i) => accountsIn(traderIds[i]!, fields))),
    firstEvent: firstOf(events, ([, fields]) => Number(fields[1])),
    firstCommand: firstOf(commands, ([id]) => Number(id.slice(2))),
    dead: dead as number,
  };
}

type Transaction = ReturnType<Redis['multi']>;

function askForShard(transaction: Transaction, keys: ShardKeys): void {
  // Of a million orders ioredis makes an object in three times the time of two lists.
  transaction
    .hgetall(keys.state)
    .hkeys(keys.orders)
    .hvals(keys.orders)
    .hgetall(keys.products)
    .smembers(keys.frozen)
    .xlen(keys.dead);
  transaction.xrange(keys.events, '-', '+', 'COUNT', 1).xrange(keys.commands, '-', '+', 'COUNT', 1);
}

function pairUp(names: readonly string[], values: readonly string[]): Map<string, string> {
  return new Map(names.map((name, i) => [name, values[i]!]));
}

type Entry = [id: string, fields: string[]];

function firstOf(reply: unknown, sequenceOf: (entry: Entry) => number): number | null {
  const [entry] = reply as Entry[];
  return entry ? sequenceOf(entry) : null;
}

function accountsIn(traderId: number, fields: Record<string, string>): [string, string][] {
  return Object.keys(fields)
    .filter((field) => field.endsWith(':available'))
    .map((field) => {
      const currency = field.slice(0, -':available'.length);
      return [`${traderId} ${currency}`, accountText(fields[field], fields[`${currency}:hold`])];
    });
}

/** An account in one line, so that it can be compared and shown. */
export function accountText(available: unknown, hold: unknown): string {
  return `${available} available, ${hold} on hold`;
}
