// The steps in which an order, or a request, went through the exchange, as PostgreSQL has them. Amounts are decimals.

import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

const step = z.object({
  sequence: z.number(),
  time: z.string().nullable(),
  requestId: z.string().nullable(),
  what: z.string(),
});
export type Step = z.infer<typeof step>;

/** The request that a sequence was given to is the last one that begins at or before it, if it reaches so far. */
const requestOfStep = sql.fragment`
  left join lateral (
    select request_id, last_sequence from requests
    where first_sequence <= s.sequence order by first_sequence desc limit 1
  ) r on r.last_sequence >= s.sequence`;

const stepColumns = sql.fragment`
  s.sequence, to_char(s.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as time, r.request_id as "requestId", s.what`;

const ledgerText = sql.fragment`
  format('ledger %s: trader %s %s %s, balance %s', l.id, l.trader_id, l.currency,
    l.amount * c.increment, l.balance * c.increment)`;

/** The life of an order: placed, amended, canceled, each trade with its ledger rows, and how it stands. */
export function stepsOfOrder(connection: CommonQueryMethods, orderId: number): Promise<readonly Step[]> {
  return connection.any(sql.type(step)`
    with o as (select * from orders where id = ${orderId}),
    p as (select * from products where product_id = (select product_id from o)),
    t as (
      select t.*, t.taker_order_id = o.id as taking from trades t, o
      where t.product_id = o.product_id and t.trade_id between o.first_trade_id and o.last_trade_id
        and t.sequence >= o.id and (t.maker_order_id = o.id or t.taker_order_id = o.id)
    ),
    steps as (
      select o.id as sequence, 0 as position, 0::bigint as number, o.created_at as time,
        format('placed by trader %s: %s %s of %s%s%s, %s', o.trader_id, o.side,
          coalesce((o.size * p.base_increment)::text, ''), o.product_id,
          ' at ' || o.price * p.quote_increment,
          ' for ' || o.funds * p.quote_increment * p.base_increment, o.time_in_force) as what
      from o, p
      union all
      select c.sequence, 0, 0, null, c.line || coalesce(' — refused: ' || c.reject_reason, '')
      from commands c where c.order_id = ${orderId}
      union all
      select t.sequence, 1, t.trade_id * 10, t.created_at,
        format('trade %s as %s: %s at %s with order %s of trader %s', t.trade_id,
          case when t.taking then 'taker' else 'maker' end, t.size * p.base_increment, t.price * p.quote_increment,
          case when t.taking then t.maker_order_id else t.taker_order_id end,
          case when t.taking then t.maker_trader_id else t.taker_trader_id end)
      from t, p
      union all
      select l.sequence, 1, l.trade_id * 10 + 1, null, ${ledgerText}
      from t join ledger l on l.sequence = t.sequence and l.trade_id = t.trade_id and l.order_id = ${orderId}
      join currencies c on c.currency = l.currency
      union all
      select greatest(o.id, (select max(sequence) from t),
          (select max(sequence) from commands where order_id = o.id and reject_reason is null)), 2, 0, o.done_at,
        format('%s%s: %s filled for %s', o.status, ' (' || coalesce(o.done_reason::text, o.reject_reason::text) || ')',
          o.filled_size * p.base_increment, o.executed_value * p.quote_increment * p.base_increment)
      from o, p
    )
    select ${stepColumns} from steps s ${requestOfStep} order by s.position = 2, s.sequence, s.position, s.number`);
}

/** What money a deposit, withdrawal or transfer moved. */
export function stepsOfTransfers(
  connection: CommonQueryMethods,
  { first, last }: Range,
): Promise<readonly Step[]> {
  return connection.any(sql.type(step)`
    with steps as (
      select t.sequence, 0::bigint as number, t.created_at as time,
        format('%s %s of %s %s, trader %s%s', t.movement, t.transfer_id, t.amount * c.increment, t.currency,
          t.trader_id, coalesce(' to trader ' || t.to_trader_id, '') || coalesce(' — refused: ' || t.reject_reason, '')) as what
      from commands k join transfers t on t.sequence = k.sequence join currencies c on c.currency = t.currency
      where k.sequence between ${first} and ${last} and k.order_id is null
      union all
      select l.sequence, l.id, null, ${ledgerText}
      from ledger l join currencies c on c.currency = l.currency
      where l.sequence between ${first} and ${last} and l.movement <> 'match'
    )
    select ${stepColumns} from steps s ${requestOfStep} order by s.sequence, s.number`);
}

/** Sequences next to each other. */
export type Range = { readonly first: number; readonly last: number };

const range = z.object({ first: z.number(), last: z.number() });
const id = z.object({ id: z.number() });

export function rangesOfRequest(
  connection: CommonQueryMethods,
  requestId: string,
): Promise<readonly Range[]> {
  return connection.any(sql.type(range)`
    select first_sequence as first, last_sequence as last from requests where request_id = ${requestId}
    order by first_sequence`);
}

/** The orders that commands of a range placed, canceled or amended, in their order. */
export async function ordersOfRange(
  connection: CommonQueryMethods,
  { first, last }: Range,
): Promise<number[]> {
  const rows = await connection.any(sql.type(id)`
    select id, id as sequence from orders where id between ${first} and ${last}
    union all
    select order_id, sequence from commands where sequence between ${first} and ${last} and order_id is not null
    order by sequence`);
  return [...new Set(rows.map((row) => row.id))];
}

/** The taker's and the maker's order of a trade; none if there is no such trade. */
export async function ordersOfTrade(
  connection: CommonQueryMethods,
  { productId, tradeId }: { productId: string; tradeId: number },
): Promise<number[]> {
  const rows = await connection.any(sql.type(id)`
    select unnest(array[taker_order_id, maker_order_id]) as id from trades
    where product_id = ${productId} and trade_id = ${tradeId}`);
  return rows.map((row) => row.id);
}
