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
import { checkedByFirst } from '../../../sql/checked-by-first.ts';
import { named } from '../../../sql/named.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import type { Span } from '../../http/merged-cursors.ts';
import { arranged, cameBy, directionOf, reachedTime } from '../../http/pages.ts';
import type { Page, Period } from '../../http/query.ts';
import type { OrderRecord } from '../record.ts';

const whole = z.number();
const row = checkedByFirst(
  z.object({
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
    maxFloor: whole.nullable(),
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
  }),
) satisfies z.ZodType<OrderRecord>;

const columns = sql.fragment`id as "orderId", trader_id as "traderId", product_id as "productId", side, price, size, funds,
  amended_price as "amendedPrice", amended_size as "amendedSize", filled_size as "filledSize",
  coalesce(fill_fees, 0) as "fillFees", taker_rate as "takerRate",
  executed_value as "executedValue", first_trade_id as "firstTradeId", last_trade_id as "lastTradeId",
  (date_part('epoch', created_at) * 1000)::bigint as "createdAt",
  (date_part('epoch', done_at) * 1000)::bigint as "doneAt", time_in_force as "timeInForce",
  self_trade_prevention as "selfTradePrevention", post_only as "postOnly", status, done_reason as "doneReason",
  stop, stop_price as "stopPrice", expire_time as "expireTime", max_floor as "maxFloor", amended_stop_price as "amendedStopPrice",
  amended_expire_time as "amendedExpireTime", (date_part('epoch', activated_at) * 1000)::bigint as "activatedAt",
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
    /** Of several shards, what may be shown of each. `after` and `before` then say only which way to read. */
    readonly spans?: readonly Span[];
  };

/** What stands between done orders has indexes of its own, which these literals let PostgreSQL use. */
const isStatus: Record<Exclude<StoredStatus, 'done'>, ReturnType<typeof sql.fragment>> = {
  open: sql.fragment`status = 'open'`,
  active: sql.fragment`status = 'active'`,
  rejected: sql.fragment`status = 'rejected'`,
};

/** Pages that programs ask for again and again. */
const usualLimits = new Set([10, 20, 25, 50, 100, 200, 500, 1_000]);

/** As a literal, so that PostgreSQL knows how little is read when it plans for all values. */
function limitOf({ limit }: Page) {
  return usualLimits.has(limit) ? sql.literalValue(String(limit)) : sql.fragment`${limit}`;
}

/** The newest page of one shard has few texts. Where a page begins says which partitions are read, which is planned each time. */
function isUsual({ limit, after, before, start, end, spans }: OrderFilter): boolean {
  return usualLimits.has(limit) && !spans && [after, before, start, end].every((bound) => bound === null);
}

/**
 * A trader's orders, newest first. Without done orders each status is read by its own index, so that a page costs a page, though
 * a million others lie between its rows.
 */
export async function findOrdersOfTrader(
  pool: Queries,
  filter: OrderFilter,
): Promise<readonly OrderRecord[]> {
  const { spans } = filter;
  const limit = limitOf(filter);
  const direction = directionOf(filter);
  const parts = spans
    ? spans.flatMap(({ above, below }) => partsOf({ ...filter, before: above, after: below }, direction))
    : partsOf(filter, direction);
  const found = sql.fragment`(${sql.join(parts, sql.fragment` union all `)}) orders`;
  const query = spans
    ? sql.type(row)`
        select ${columns} from (select *, ${reachedTime(filter, sql.identifier(['id']))} as reached from ${found}) orders
        order by reached ${direction}, id ${direction} limit ${limit}`
    : sql.type(row)`select ${columns} from ${found} order by id ${direction} limit ${limit}`;
  const orders = await pool.any(isUsual(filter) ? named(query) : query);
  return arranged(filter, orders);
}

/** What is read of one shard, or of the only one. */
function partsOf(filter: OrderFilter, direction: ReturnType<typeof directionOf>) {
  const { statuses } = filter;
  const limit = limitOf(filter);
  const found = conditionsOf(filter);
  const read = (...conditions: ReturnType<typeof sql.fragment>[]) => sql.fragment`
    (select * from orders where ${sql.join(conditions, sql.fragment` and `)} order by id ${direction} limit ${limit})`;
  return statuses.has('done')
    ? [read(...found, ...someStatuses(statuses))]
    : [...statuses].map((status) => read(...found, isStatus[status as keyof typeof isStatus]));
}

const latestRow = z.object({ shard: whole, id: whole });

/** In each of some shards the latest order that a trader had placed by a time; shards without one are left out. */
export async function findLatestOrders(
  pool: Queries,
  asked: { readonly traderId: number; readonly shards: readonly number[]; readonly by: number | null },
): Promise<ReadonlyMap<number, number>> {
  const { traderId, shards, by } = asked;
  const found = await pool.any(sql.type(latestRow)`
    select shard, id from unnest(${sql.array([...shards], 'int8')}) shard, lateral (
      select id from orders where trader_id = ${traderId} and id > shard << 44 and id < (shard + 1) << 44 and ${cameBy(by)}
      order by id desc limit 1) latest`);
  return new Map(found.map(({ shard, id }) => [shard, id]));
}

function someStatuses(statuses: OrderFilter['statuses']) {
  if (statuses.size === storedStatuses.length) return [];
  return [sql.fragment`status = any(${sql.array([...statuses], 'text')}::order_status[])`];
}

function conditionsOf({ traderId, productId, start, end, after, before }: OrderFilter) {
  const conditions = [sql.fragment`trader_id = ${traderId}`];
  if (productId !== null) conditions.push(sql.fragment`product_id = ${productId}`);
  if (after !== null) conditions.push(sql.fragment`id < ${after}`);
  if (before !== null) conditions.push(sql.fragment`id > ${before}`);
  if (start !== null) conditions.push(sql.fragment`created_at >= ${start}`);
  if (end !== null) conditions.push(sql.fragment`created_at < ${end}`);
  return conditions;
}
