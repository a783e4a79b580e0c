import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';
import { arranged, directionOf } from '../../http/pages.ts';
import type { Page } from '../../http/query.ts';

const row = z.object({
  messageId: z.number(),
  productId: z.string(),
  traderId: z.number(),
  author: z.string(),
  /** Null once it is removed. */
  text: z.string().nullable(),
  createdAt: z.number(),
  removedAt: z.number().nullable(),
});
export type MessageRow = z.output<typeof row>;

const columns = sql.fragment`message_id as "messageId", product_id as "productId", trader_id as "traderId",
  (select author from traders where traders.trader_id = messages.trader_id) as author, text,
  (extract(epoch from created_at) * 1000)::bigint as "createdAt",
  (extract(epoch from removed_at) * 1000)::bigint as "removedAt"`;

export type NewMessage = { readonly productId: string; readonly traderId: number; readonly text: string };

/** Null if the trader is muted, or has no name as author yet. */
export function insertMessage(pool: Queries, { productId, traderId, text }: NewMessage) {
  return pool.maybeOne(sql.type(row)`
    insert into messages (product_id, trader_id, text)
    select ${productId}, trader_id, ${text} from traders
    where trader_id = ${traderId} and author is not null and muted_at is null
    returning ${columns}`);
}

/** A page of a room. Cursors are exclusive at both ends. */
export async function listMessages(
  pool: Queries,
  productId: string,
  page: Page,
): Promise<readonly MessageRow[]> {
  const { limit, after, before } = page;
  const rows = await pool.any(sql.type(row)`
    select ${columns} from messages
    where product_id = ${productId} and (${after}::bigint is null or message_id < ${after})
      and (${before}::bigint is null or message_id > ${before})
    order by message_id ${directionOf(page)} limit ${limit}`);
  return arranged(page, rows);
}

/** The newest of several rooms. */
export async function newestMessages(
  pool: Queries,
  productIds: readonly string[],
  most: number,
): Promise<MessageRow[][]> {
  const rows = await pool.any(sql.type(row)`
    select found.* from unnest(${sql.array([...productIds], 'text')}) as room (id)
    cross join lateral (
      select ${columns} from messages where product_id = room.id order by message_id desc limit ${most}
    ) as found`);
  const byRoom = Map.groupBy(rows, ({ productId }) => productId);
  return productIds.map((id) => byRoom.get(id) ?? []);
}

const removedRow = row.extend({ said: z.string().nullable() });

/** Removes what a message says, and leaves that it was there; null if there is none. Once removed it stays so since when it was. */
export function removeMessage(pool: Queries, messageId: number) {
  return pool.maybeOne(sql.type(removedRow)`
    with before as (select text as said from messages where message_id = ${messageId} for update)
    update messages set text = null, removed_at = coalesce(removed_at, now())
    from before where message_id = ${messageId}
    returning ${columns}, said`);
}
