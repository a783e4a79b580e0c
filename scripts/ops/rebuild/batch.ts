// An all-or-none batch in whose midst the checkpoint is: its orders before that are in PostgreSQL, the others are to be matched.

import type { Redis } from 'ioredis';
import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { shardKeys } from '../../../core/keys.ts';
import { decodeCommand } from '../../../core/wire/commands.ts';
import { batchAcross, linesBetween, type RecordedBatch } from '../replay/batches.ts';
import { send } from './existing-keys.ts';
import type { ShardRange } from './source.ts';

/** A batch of which some orders are matched, and what the scripts must know of it. */
export type HalfBatch = RecordedBatch & {
  /** Its command and those of its orders that PostgreSQL has. */
  readonly lines: readonly string[];
  /** What `state` says of it, see `matcher/lua/batch.lua`. */
  readonly text: string;
};

export async function loadHalfBatch(
  connection: CommonQueryMethods,
  { first, checkpoint }: ShardRange,
): Promise<HalfBatch | null> {
  const stretches = [{ pool: connection, first, last: checkpoint }];
  const batch = await batchAcross(stretches, checkpoint);
  if (!batch) return null;
  const { head, last, isRefused } = batch;
  const marks = isRefused ? [] : await marksOf(connection, batch, checkpoint);
  const text = [head, last, isRefused ? 'refused' : 'placed', ...marks].join(' ');
  return { ...batch, lines: await linesBetween(stretches, head, checkpoint), text };
}

const tradeRow = z.object({ productId: z.string(), price: z.number(), before: z.number().nullable() });

/**
 * Of each product that the batch has traded, the last price before it, which may have left the tables since, and the prices that its trades so far have left for stop orders:
 * each that is lower or higher than all before it. Of a product whose stop orders have acted already nobody asks any more.
 */
async function marksOf(
  connection: CommonQueryMethods,
  { head }: RecordedBatch,
  checkpoint: number,
): Promise<string[]> {
  const trades = await connection.any(sql.type(tradeRow)`
    select product_id as "productId", price, coalesce(
        (select price from trades b where b.product_id = t.product_id and b.sequence < ${head} order by trade_id desc limit 1),
        (select price from last_trades l where l.product_id = t.product_id)) as before
    from trades t where sequence between ${head} and ${checkpoint} order by product_id, trade_id`);
  const byProduct = Map.groupBy(trades, ({ productId }) => productId);
  return [...byProduct].map(([productId, ofProduct]) => {
    let [lowest, highest] = [Infinity, -Infinity];
    const marks = ofProduct.flatMap(({ price }) => {
      const left = [price < lowest ? `loss:${price}` : [], price > highest ? `entry:${price}` : []].flat();
      [lowest, highest] = [Math.min(lowest, price), Math.max(highest, price)];
      return left;
    });
    return `${productId}=${[ofProduct[0]!.before ?? '-', marks].join()}`;
  });
}

const productRow = z.object({ productId: z.string() });

/**
 * What stands for orders of a placed batch that are lost, by sequence: a `time` command, of which the batch is judged as before. Stop orders
 * that the batch's trades have met, and that waited for an order of their product that is lost, wait for one of these now.
 */
export async function standInsFor(
  connection: CommonQueryMethods,
  { head, last, isRefused }: RecordedBatch,
  { checkpoint, lines }: { readonly checkpoint: number; readonly lines: ReadonlyMap<number, string> },
): Promise<ReadonlyMap<number, string>> {
  const standIns = new Map<number, string>();
  if (isRefused) return standIns;
  const sequences = Array.from({ length: last - checkpoint }, (_, i) => checkpoint + 1 + i);
  const coming = sequences.map((sequence) => lines.get(sequence)).filter((line) => line !== undefined);
  const met = await connection.any(sql.type(productRow)`
    select product_id as "productId" from (
      select product_id, min(price) as lowest, max(price) as highest from trades
      where sequence between ${head} and ${checkpoint} group by product_id) t
    where exists (select from orders_now o where o.product_id = t.product_id and status = 'active'
      and (stop = 'loss' and current_stop_price >= lowest or stop = 'entry' and current_stop_price <= highest))`);
  const products = met
    .map(({ productId }) => productId)
    .filter((productId) => !coming.some((line) => productOf(line) === productId));
  for (const sequence of sequences)
    if (!lines.has(sequence)) standIns.set(sequence, products.shift() ?? noProduct);
  return standIns;
}

/** A `time` command of none is refused. */
const noProduct = '-';

function productOf(line: string): string | null {
  const command = decodeCommand(line);
  return command.kind === 'place' ? command.productId : null;
}

/** A refused batch is judged again, by all of its orders. */
export async function fillHalfBatch(redis: Redis, shard: string, { head, lines }: HalfBatch): Promise<void> {
  const pipeline = redis.pipeline();
  pipeline.xadd(shardKeys(shard).commands, `0-${head}`, 'lines', lines.join('\n'));
  await send(pipeline);
}
