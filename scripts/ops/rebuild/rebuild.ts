// Refills an empty shard from PostgreSQL. The hash that says where the shard stands is written under another name first,
// which marks the rebuild as under way, and gets its own name last: until then submit.lua and match.lua answer UNPREPARED.

import type { Redis } from 'ioredis';
import type { CommonQueryMethods } from 'slonik';
import { bookKey, shardKeys } from '../../../core/keys.ts';
import { fillHalfBatch, loadHalfBatch, standInsFor } from './batch.ts';
import type { Continuation, VoidedBy } from './continuation.ts';
import { findExisting, removeExisting } from './existing-keys.ts';
import { type Filling, fillAccounts, fillBooks, fillWindow } from './fill.ts';
import { resubmit } from './resubmit.ts';
import {
  insteadOfWriter,
  loadAnnounced,
  loadFeeds,
  loadFrozen,
  loadRange,
  loadTriggers,
  type ShardRange,
} from './source.ts';

export type Rebuild = {
  readonly redis: Redis;
  readonly connection: CommonQueryMethods;
  readonly shard: string;
  /** How long ids that were given are remembered in Redis. */
  readonly windowMs: number;
  /** Says what comes after the checkpoint; throws `Refusal` if that must not be decided without a person. */
  readonly decide: (checkpoint: number) => Promise<Continuation>;
  readonly progress: Filling['progress'];
};

export type Rebuilt = {
  readonly checkpoint: number;
  /** The last sequence that was given; the next command has the one after it. */
  readonly sequence: number;
  readonly resubmitted: number;
  readonly voided: number;
  readonly voidedBy: VoidedBy;
  readonly products: number;
  readonly orders: number;
  readonly accounts: number;
  readonly ids: number;
};

/** Throws `Refusal`, having touched nothing, if a writer is at work, Redis is not empty, or something is to be decided. */
export async function rebuild(wanted: Rebuild): Promise<Rebuilt> {
  const { redis, connection, shard } = wanted;
  return insteadOfWriter(connection, shard, async () => {
    const range = await loadRange(connection, shard);
    const existing = await findExisting(redis, shard);
    const continuation = await wanted.decide(range.checkpoint);
    await removeExisting(redis, shard, existing);
    return fillShard(wanted, range, continuation);
  });
}

/** Fills a shard of which nothing is there. */
export async function fillShard(
  wanted: Omit<Rebuild, 'decide'>,
  range: ShardRange,
  decided: Continuation,
  voidedBy = newVoidedBy(),
): Promise<Rebuilt> {
  const { redis, connection, shard, windowMs, progress } = wanted;
  const keys = shardKeys(shard);
  const filling: Filling = { redis, connection, range, progress };
  const announced = await loadAnnounced(connection, range);
  const batch = await loadHalfBatch(connection, range);
  // Its sequences were given all at once.
  const last = Math.max(decided.last, batch?.last ?? 0);
  const standIns = batch && (await standInsFor(connection, batch, { ...range, lines: decided.lines }));
  const continuation: Continuation = { ...decided, last, ...(standIns && { standIns }) };
  await redis.hset(keys.rebuild, await stateOf(wanted, range, continuation, announced));
  if (batch) await redis.hset(keys.rebuild, 'batch', batch.text);
  if (announced.size > 0) await redis.hset(keys.products, Object.fromEntries(announced));
  const frozen = await loadFrozen(connection, shard);
  if (frozen.length > 0) await redis.sadd(keys.frozen, ...frozen);
  const orders = await fillBooks(filling);
  const accounts = await fillAccounts(filling);
  const ids = await fillWindow(filling, windowMs);
  if (batch) await fillHalfBatch(redis, shard, batch);
  await resubmit({ redis, shard, windowMs, voidedBy }, continuation);
  await assertComplete(wanted, announced, orders);
  // Fails if something has prepared the shard meanwhile.
  if ((await redis.renamenx(keys.rebuild, keys.state)) !== 1)
    throw new Error(`shard ${shard} was prepared by somebody else meanwhile`);
  const given = continuation.last - range.checkpoint;
  return {
    checkpoint: range.checkpoint,
    sequence: continuation.last,
    resubmitted: continuation.lines.size,
    voided: given - continuation.lines.size,
    voidedBy,
    products: announced.size,
    ...{ orders, accounts, ids },
  };
}

export function newVoidedBy(): VoidedBy {
  return { time: Date.now(), requestId: `rebuild-${Date.now()}` };
}

/** What `state` is to be. Nothing is `written` that PostgreSQL has: reads wait only for sequences after the checkpoint. */
async function stateOf(
  { connection }: Pick<Rebuild, 'connection'>,
  { checkpoint }: ShardRange,
  { last }: Continuation,
  announced: ReadonlyMap<string, string>,
): Promise<Record<string, number>> {
  const state: Record<string, number> = { sequence: last, matched: checkpoint, persisted: checkpoint };
  for (const productId of announced.keys()) {
    state[`tradeId:${productId}`] = 0;
    state[`feed:${productId}`] = 0;
  }
  for (const { productId, tradeId, feedSequence } of await loadFeeds(connection, [...announced.keys()])) {
    state[`tradeId:${productId}`] = tradeId;
    state[`feed:${productId}`] = feedSequence;
  }
  for (const { productId, last, stops } of await loadTriggers(connection, [...announced.keys()])) {
    if (last !== null) state[`last:${productId}`] = last;
    if (stops > 0) state[`stops:${productId}`] = stops;
  }
  return state;
}

/** Every order is in the book of a product that was announced, and none came twice. */
async function assertComplete(
  { redis, shard }: Pick<Rebuild, 'redis' | 'shard'>,
  announced: ReadonlyMap<string, string>,
  orders: number,
): Promise<void> {
  const parts = ['bids', 'asks', 'losses', 'entries'] as const;
  const halves = [...announced.keys()].flatMap((id) => parts.map((part) => bookKey(shard, id, part)));
  const sizes = await Promise.all(halves.map((key) => redis.zcard(key)));
  const inBooks = sizes.reduce((sum, size) => sum + size, 0);
  const resting = await redis.hlen(shardKeys(shard).orders);
  if (inBooks === orders && resting === orders) return;
  throw new Error(
    `PostgreSQL has ${orders} open orders, but ${resting} came to rest and ${inBooks} of them in books of products that ` +
      'were announced; nothing can be traded on that',
  );
}
