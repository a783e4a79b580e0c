import { sql } from 'slonik';
import { z } from 'zod';
import {
  doneReasons,
  type StoredStatus,
  sides,
  stops,
  storedStatuses,
  timesInForce,
} from '../../../core/order.ts';
import { selfTradePreventions } from '../../../core/product.ts';
import { rejectReasons } from '../../../core/reject-reasons.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { arranged, directionOf } from '../../http/pages.ts';
import type { Page, Period } from '../../http/query.ts';
import type { OrderRecord } from '../record.ts';

const whole = z.number();
const row = z.object({
  orderId: whole,
  traderId: whole,
  productId: z.string(),
  side: z.enum(sides),
  price: whole.nullable(),
  size: whole.nullable(),
  funds: whole.nullable(),
  amendedPrice: whole.nullable(),
  amendedSize: whole.nullable(),
  stop: z.enum(stops).nullable(),
  stopPrice: whole.nullable(),
  expireTime: whole.nullable(),
  amendedStopPrice: whole.nullable(),
  amendedExpireTime: whole.nullable(),
  activatedAt: whole.nullable(),
  filledSize: whole,
  fillFees: whole,
  takerRate: whole.nullable(),
  executedValue: whole,
  firstTradeId: whole.nullable(),
  lastTradeId: whole.nullable(),
  createdAt: whole,
  doneAt: whole.nullable(),
  timeInForce: z.enum(timesInForce),
  selfTradePrevention: z.enum(selfTradePreventions),
  postOnly: z.boolean(),
  status: z.enum(storedStatuses),
  doneReason: z.enum(doneReasons).nullable(),
  rejectReason: z.enum(rejectReasons).nullable(),
  clientOid: z.string().nullable(),
}) satisfies z.ZodType<OrderRecord>;

const columns = sql.fragment`id as "orderId", trader_id as "traderId", product_id as "productId", side, price, size, funds,
  amended_price as "amendedPrice", amended_size as "amendedSize", filled_size as "filledSize",
  coalesce(fill_fees, 0) as "fillFees", taker_rate as "takerRate",
  executed_value as "executedValue", first_trade_id as "firstTradeId", last_trade_id as "lastTradeId",
  (extract(epoch from created_at) * 1000)::bigint as "createdAt",
  (extract(epoch from done_at) * 1000)::bigint as "doneAt", time_in_force as "timeInForce",
  self_trade_prevention as "selfTradePrevention", post_only as "postOnly", status, done_reason as "doneReason",
  stop, stop_price as "stopPrice", expire_time as "expireTime", amended_stop_price as "amendedStopPrice",
  amended_expire_time as "amendedExpireTime", (extract(epoch from activated_at) * 1000)::bigint as "activatedAt",
  reject_reason as "rejectReason", client_oid as "clientOid"`;

/** The orders of these ids that there are, in no order. */
export async function findOrders(
  pool: Queries,
  orderIds: readonly number[],
): Promise<readonly OrderRecord[]> {
  return pool.any(sql.type(row)`
    select ${columns} from orders where id = any(${sql.array([...orderIds], 'int8')})`);
}

export type OrderFilter = Page &
  Period & {
    readonly traderId: number;
    readonly productId: string | null;
    readonly statuses: ReadonlySet<StoredStatus>;
  };

/** A trader's orders, newest first. Open ones alone have an index of their own, which the literal lets PostgreSQL use. */
export async function findOrdersOfTrader(
  pool: Queries,
  filter: OrderFilter,
): Promise<readonly OrderRecord[]> {
  const { traderId, productId, statuses, start, end, after, before, limit } = filter;
  const conditions = [sql.fragment`trader_id = ${traderId}`];
  const onlyOpen = [...statuses].every((status) => status === 'open' || status === 'active');
  if (onlyOpen && statuses.size === 2) conditions.push(sql.fragment`(status = 'open' or status = 'active')`);
  else if (statuses.size === 1 && statuses.has('open')) conditions.push(sql.fragment`status = 'open'`);
  else if (statuses.size === 1 && statuses.has('active')) conditions.push(sql.fragment`status = 'active'`);
  else if (statuses.size < storedStatuses.length)
    conditions.push(sql.fragment`status = any(${sql.array([...statuses], 'text')}::order_status[])`);
  if (productId !== null) conditions.push(sql.fragment`product_id = ${productId}`);
  if (after !== null) conditions.push(sql.fragment`id < ${after}`);
  if (before !== null) conditions.push(sql.fragment`id > ${before}`);
  if (start !== null) conditions.push(sql.fragment`created_at >= ${start}`);
  if (end !== null) conditions.push(sql.fragment`created_at < ${end}`);
  const orders = await pool.any(sql.type(row)`
    select ${columns} from orders where ${sql.join(conditions, sql.fragment` and `)}
    order by id ${directionOf(filter)} limit ${limit}`);
  return arranged(filter, orders);
}
