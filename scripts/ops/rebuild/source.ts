// What PostgreSQL says of a shard as a whole. While the writer's lock is held, none of it changes.

import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { firstSequenceOf } from '../../../core/order.ts';
import { decodeCommand, encodeProductRow } from '../../../core/wire/commands.ts';
import { releaseWriterLock, tryWriterLock } from '../../../sql/writer-lock.ts';
import { Refusal } from './refusal.ts';

/** The sequences of a shard are `first` to `below` - 1; PostgreSQL has those up to the checkpoint. */
export type ShardRange = {
  readonly shard: string;
  readonly first: number;
  readonly below: number;
  readonly checkpoint: number;
};

const checkpointRow = z.object({ number: z.number(), sequence: z.number() });

export async function loadRange(connection: CommonQueryMethods, shard: string): Promise<ShardRange> {
  const row = await connection.maybeOne(
    sql.type(checkpointRow)`select number, sequence from checkpoints where shard = ${shard}`,
  );
  if (!row) throw new Refusal(`PostgreSQL knows no shard ${shard}. Set SHARD to one that it has.`);
  const { number, sequence } = row;
  return { shard, first: firstSequenceOf(number), below: firstSequenceOf(number + 1), checkpoint: sequence };
}

/** Runs `work` in the writer's stead, so that no writer writes meanwhile. */
export async function insteadOfWriter<T>(
  connection: CommonQueryMethods,
  shard: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!(await tryWriterLock(connection, shard)))
    throw new Refusal(`A writer is at work on shard ${shard}. Stop it first.`);
  try {
    return await work();
  } finally {
    await releaseWriterLock(connection, shard);
  }
}

const announcementRow = z.object({ line: z.string() });

/**
 * By product, its row as last announced at the checkpoint, in the text of `core/keys.ts`. What `products` says may be newer,
 * and is announced when the matcher starts.
 */
export async function loadAnnounced(
  connection: CommonQueryMethods,
  { first, below }: ShardRange,
): Promise<Map<string, string>> {
  const rows = await connection.any(sql.type(announcementRow)`
    select distinct on (product_id) line from (
      select split_part(line, ' ', 2) as product_id, sequence, line from commands where line like 'product %'
      union all
      select product_id, sequence, line from announcements
    ) a
    where sequence >= ${first} and sequence < ${below}
    order by product_id, sequence desc`);
  return new Map(
    rows.map(({ line }) => {
      const command = decodeCommand(line);
      if (command.kind !== 'product') throw new TypeError(`not an announcement: ${line}`);
      return [command.productId, encodeProductRow(command)];
    }),
  );
}

const frozenRow = z.object({ traderId: z.number() });

/** Who was frozen at the checkpoint; what operators want since then is announced when the matcher starts. */
export async function loadFrozen(connection: CommonQueryMethods, shard: string): Promise<number[]> {
  const rows = await connection.any(
    sql.type(frozenRow)`select trader_id as "traderId" from frozen_traders where shard = ${shard}`,
  );
  return rows.map(({ traderId }) => traderId);
}

const feedRow = z.object({ productId: z.string(), tradeId: z.number(), feedSequence: z.number() });

/** The last numbers that products gave. One without an order has given none, and no row. */
export function loadFeeds(connection: CommonQueryMethods, productIds: readonly string[]) {
  return connection.any(sql.type(feedRow)`
    select product_id as "productId", trade_id as "tradeId", feed_sequence as "feedSequence"
    from feeds where product_id = any(${sql.array([...productIds], 'text')})`);
}

const triggerRow = z.object({ productId: z.string(), last: z.number().nullable(), stops: z.number() });

/** What stop orders depend on: the last trade's price, and how many of them wait. */
export function loadTriggers(connection: CommonQueryMethods, productIds: readonly string[]) {
  return connection.any(sql.type(triggerRow)`
    select p.id as "productId",
      (select close from candles c where c.product_id = p.id order by last_trade_id desc limit 1) as last,
      (select count(*) from orders o where o.product_id = p.id and o.status = 'active') as stops
    from unnest(${sql.array([...productIds], 'text')}) as p (id)`);
}
