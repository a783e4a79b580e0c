// The rows that a rebuild reads by the hundred thousand, a page at a time: no page is larger, whatever the tables hold.

import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { sides, stops } from '../../../core/order.ts';
import { selfTradePreventions } from '../../../core/product.ts';
import type { ShardRange } from './source.ts';

const pageSize = 10_000;

const whole = z.number();
const openOrderRow = z.object({
  orderId: whole,
  traderId: whole,
  productId: z.string(),
  side: z.enum(sides),
  price: whole.nullable(),
  size: whole.nullable(),
  remaining: whole.nullable(),
  place: whole,
  stop: z.enum(stops).nullable(),
  stopPrice: whole.nullable(),
  funds: whole.nullable(),
  expireTime: whole.nullable(),
  turn: whole.nullable(),
  makerRate: whole.nullable(),
  takerRate: whole.nullable(),
  over: whole.nullable(),
  maxFloor: whole.nullable(),
  hidden: whole.nullable(),
  selfTradePrevention: z.enum(selfTradePreventions),
  postOnly: z.boolean(),
});

/** The orders that rest or wait, in the order of the index of open ones. */
export async function* openOrders(
  connection: CommonQueryMethods,
  { first, below }: ShardRange,
): AsyncGenerator<readonly z.infer<typeof openOrderRow>[]> {
  let after = { traderId: -1, orderId: 0 };
  for (;;) {
    const page = await connection.any(sql.type(openOrderRow)`
      select id as "orderId", trader_id as "traderId", product_id as "productId", side,
        current_price as price, current_size as size, shown_size as remaining, current_place as place,
        self_trade_prevention as "selfTradePrevention", post_only as "postOnly", current_expire_time as "expireTime",
        case when status = 'active' then stop end as stop, case when status = 'active' then current_stop_price end as "stopPrice",
        case when status = 'active' then funds end as funds, case when status = 'open' then nullif(turn, 0) end as turn,
        nullif(maker_rate, 0) as "makerRate", nullif(taker_rate, 0) as "takerRate", nullif(fee_over, 0) as over,
        max_floor as "maxFloor", nullif(remaining_size - shown_size, 0) as hidden
      from orders_now
      where status in ('open', 'active') and id >= ${first} and id < ${below}
        and (trader_id, id) > (${after.traderId}, ${after.orderId})
      order by trader_id, id limit ${pageSize}`);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1)!;
  }
}

const accountRow = z.object({ traderId: whole, currency: z.string(), balance: whole, hold: whole });
export type Account = z.infer<typeof accountRow>;

export async function* accounts(
  connection: CommonQueryMethods,
  { shard }: ShardRange,
): AsyncGenerator<readonly Account[]> {
  let after = { traderId: -1, currency: '' };
  for (;;) {
    const page = await connection.any(sql.type(accountRow)`
      select trader_id as "traderId", currency, balance, hold from accounts
      where shard = ${shard} and (trader_id, currency) > (${after.traderId}, ${after.currency})
      order by trader_id, currency limit ${pageSize}`);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1)!;
  }
}

const oidRow = z.object({
  sequence: whole,
  traderId: whole,
  clientOid: z.string().nullable(),
  time: whole,
});
export type Oid = z.infer<typeof oidRow>;

/**
 * Orders, newest first, down to a page in which none is younger than `since`: times ascend with sequences, but for what the
 * clocks of api processes differ.
 */
export async function* ordersSince(
  connection: CommonQueryMethods,
  { first, below }: ShardRange,
  since: number,
): AsyncGenerator<readonly Oid[]> {
  let before = below;
  for (;;) {
    const page = await connection.any(sql.type(oidRow)`
      select id as sequence, trader_id as "traderId", client_oid as "clientOid",
        (extract(epoch from created_at) * 1000)::bigint as time
      from orders where id >= ${first} and id < ${before} order by id desc limit ${pageSize}`);
    const young = page.filter(({ time }) => time > since);
    if (young.length > 0) yield young;
    if (page.length < pageSize || young.length === 0) return;
    before = page.at(-1)!.sequence;
  }
}

const transferRow = z.object({ transferId: z.string(), sequence: whole, time: whole });
export type Transferred = z.infer<typeof transferRow>;

/** Transfers of any outcome that are younger than `since`. */
export async function* transfersSince(
  connection: CommonQueryMethods,
  { shard }: ShardRange,
  since: number,
): AsyncGenerator<readonly Transferred[]> {
  let after = '';
  for (;;) {
    const page = await connection.any(sql.type(transferRow)`
      select transfer_id as "transferId", sequence, (extract(epoch from created_at) * 1000)::bigint as time
      from transfers
      where shard = ${shard} and transfer_id > ${after} and created_at > to_timestamp(${since} / 1000.0)
      order by transfer_id limit ${pageSize}`);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1)!.transferId;
  }
}
