// Do orders and trades say the same?

import { sql } from 'slonik';
import { z } from 'zod';
import { type Checks, compare } from '../checks.ts';
import { findDifferences, type Range, type Session } from '../session.ts';

/** Orders of a partition with all of their trades; those are as old as the order, or newer. */
export async function checkFills(session: Session, { from, to }: Range, checks: Checks): Promise<void> {
  const { checkpoint } = session;
  checks.fills.looked += await countOrders(session, { from, to });
  await findDifferences(
    session,
    checks.fills,
    sql.fragment`
    select case when o.id is null then format('%s trades are of order %s, which there is not', s.trades, s.order_id)
      when s.least_trader <> o.trader_id or s.most_trader <> o.trader_id
        then format('trades of order %s are not all of trader %s', o.id, o.trader_id)
      when o.executed_value = coalesce(s.value, 0) and coalesce(o.fill_fees, 0) <> coalesce(s.fees, 0)
        then format('order %s has paid %s in fees; its trades say %s', o.id, coalesce(o.fill_fees, 0), coalesce(s.fees, 0))
      else format('order %s has %s filled for %s in trades %s to %s; its trades say %s for %s, %s to %s', o.id,
        o.filled_size, o.executed_value, o.first_trade_id, o.last_trade_id,
        coalesce(s.size, 0), coalesce(s.value, 0), s.first, s.last) end
    from (select * from orders where id between ${from} and ${to}) o
    full join (
      select order_id, count(*) as trades, sum(size) as size, sum(size * price) as value, sum(fee) as fees,
        min(trade_id) as first, max(trade_id) as last, min(trader_id) as least_trader, max(trader_id) as most_trader
      from (
        select maker_order_id as order_id, maker_trader_id as trader_id, size, price, trade_id, maker_fee as fee from trades
        where sequence between ${from} and ${checkpoint} and maker_order_id between ${from} and ${to}
        union all
        select taker_order_id, taker_trader_id, size, price, trade_id, taker_fee from trades
        where sequence between ${from} and ${checkpoint} and taker_order_id between ${from} and ${to}
      ) fills group by order_id
    ) s on s.order_id = o.id
    where o.id is null or coalesce(o.fill_fees, 0) <> coalesce(s.fees, 0) or o.filled_size <> coalesce(s.size, 0) or o.executed_value <> coalesce(s.value, 0)
      or o.first_trade_id is distinct from s.first or o.last_trade_id is distinct from s.last
      or s.least_trader <> o.trader_id or s.most_trader <> o.trader_id
    order by o.id`,
  );
}

const countRow = z.object({ count: z.number() });

async function countOrders({ connection }: Session, { from, to }: Range): Promise<number> {
  const { count } = await connection.one(
    sql.type(countRow)`select count(*) from orders where id between ${from} and ${to}`,
  );
  return count;
}

/** By product, the last trade id in the partitions so far. Before the first there is none, or there are those in archives. */
export type LastTrades = Map<string, number>;

const tradesRow = z.object({ product: z.string(), count: z.number(), least: z.number(), most: z.number() });

export async function checkTradeIds(
  session: Session,
  { from, to }: Range,
  { checks, last }: { checks: Checks; last: LastTrades },
): Promise<void> {
  const check = checks['trade ids'];
  const products = await session.connection.any(sql.type(tradesRow)`
    select product_id as product, count(*), min(trade_id) as least, max(trade_id) as most
    from trades where sequence between ${from} and ${to} group by product_id order by product_id`);
  for (const { product, count, least, most } of products) {
    check.looked += count - 1; // `compare` counts the first
    const given = session.isWhole ? 0 : least - 1;
    const expected = String((last.get(product) ?? given) + 1);
    compare(check, `the first trade of ${product} from sequence ${from} on`, {
      expected,
      found: String(least),
    });
    last.set(product, most);
  }
  await findDifferences(
    session,
    check,
    sql.fragment`
    select format('trade %s of %s, in %s, follows trade %s, in %s', trade_id, product_id, sequence, before, earlier) from (
      select product_id, trade_id, sequence, lag(trade_id) over ids as before, lag(sequence) over ids as earlier
      from trades where sequence between ${from} and ${to}
      window ids as (partition by product_id order by trade_id, sequence)
    ) pairs where trade_id <> before + 1 or sequence < earlier order by product_id, trade_id`,
  );
}

/** The first order of an id keeps it. Orders of two shards have no order between them. */
export async function checkClientOids(session: Session, { from, to }: Range, checks: Checks): Promise<void> {
  const check = checks['client order ids'];
  const { count } = await session.connection.one(sql.type(countRow)`
    select count(*) from orders where id between ${from} and ${to} and client_oid is not null`);
  check.looked += count;
  await findDifferences(
    session,
    check,
    sql.fragment`
    select format('%s of trader %s should lead to order %s, and leads to %s', o.client_oid, o.trader_id, o.id,
      coalesce(c.order_id::text, 'none'))
    from orders o left join client_oids c on c.trader_id = o.trader_id and c.client_oid = o.client_oid
    where o.id between ${from} and ${to} and o.client_oid is not null
      and (c.order_id is null or c.order_id > o.id and c.order_id < ${session.below})
    union all
    select format('%s of trader %s leads to order %s, which does not have it', c.client_oid, c.trader_id, c.order_id)
    from client_oids c left join orders o on o.id = c.order_id
    where c.order_id between ${from} and ${to}
      and (o.trader_id, o.client_oid) is distinct from (c.trader_id, c.client_oid)`,
  );
}
