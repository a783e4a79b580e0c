// Is every sequence there, once, and what became of it?

import { sql } from 'slonik';
import { z } from 'zod';
import type { Checks } from '../checks.ts';
import { findDifferences, type Range, type Session } from '../session.ts';

const counts = z.object({ orders: z.number(), commands: z.number(), both: z.number() });

export async function checkSequence(session: Session, { from, to }: Range, checks: Checks): Promise<void> {
  const { orders, commands, both } = await session.connection.one(sql.type(counts)`
    select
      (select count(*) from orders where id between ${from} and ${to}) as orders,
      (select count(*) from commands where sequence between ${from} and ${to}) as commands,
      (select count(*) from commands c join orders o on o.id = c.sequence
        where c.sequence between ${from} and ${to} and o.id between ${from} and ${to}) as both`);
  checks.sequence.looked += orders + commands;
  if (both > 0)
    await findDifferences(
      session,
      checks.sequence,
      sql.fragment`
      select format('%s is both an order and a command', sequence) from commands join orders on id = sequence
      where sequence between ${from} and ${to} order by sequence`,
    );
  if (orders + commands - both !== to - from + 1)
    await findDifferences(session, checks.sequence, gaps({ from, to }));
}

const gaps = ({ from, to }: Range) => sql.fragment`
  select format('%s to %s are missing', sequence + 1, next - 1) from (
    select sequence, lead(sequence, 1, ${to}::bigint + 1) over (order by sequence) as next from (
      select ${from}::bigint - 1 as sequence
      union select id from orders where id between ${from} and ${to}
      union select sequence from commands where sequence between ${from} and ${to}
    ) there
  ) pairs where next > sequence + 1 order by sequence`;

/** The partitions reach from the first sequence that nothing is archived of to the checkpoint, and nothing was written beyond it. */
export async function checkEnds(session: Session, checks: Checks): Promise<void> {
  const { first, checkpoint, below, ranges } = session;
  await findDifferences(
    session,
    checks.sequence,
    sql.fragment`
    select format('%s %s is beyond the checkpoint', what, id) from (
      select 'order' as what, id from orders where id > ${checkpoint} and id < ${below}
      union all select 'command', sequence from commands where sequence > ${checkpoint} and sequence < ${below}
      union all select 'trade in', sequence from trades where sequence > ${checkpoint} and sequence < ${below}
    ) late order by id`,
  );
  const reached = ranges.reduce((next, { from, to }) => (from === next ? to + 1 : next), first);
  if (reached <= checkpoint) await findDifferences(session, checks.sequence, gapTo(reached, checkpoint));
}

const gapTo = (from: number, to: number) =>
  sql.fragment`select format('no partition holds %s to %s', ${from}::bigint, ${to}::bigint)`;

export async function checkOutcomes(session: Session, { from, to }: Range, checks: Checks): Promise<void> {
  checks.outcomes.looked += to - from + 1;
  await findDifferences(
    session,
    checks.outcomes,
    sql.fragment`
    select format('order %s is %s (%s), with %s of %s filled', id, status,
      coalesce(done_reason::text, reject_reason::text, 'no reason'), filled_size, current_size)
    from orders_now where id between ${from} and ${to} and (
      (status = 'done') <> (done_reason is not null) or (status = 'done') <> (done_at is not null)
      or (status = 'rejected') <> (reject_reason is not null) or status = 'open' and price is null
      or price is not null and (done_reason is not distinct from 'filled') <> (filled_size = current_size)
    ) order by id`,
  );
  await findDifferences(
    session,
    checks.outcomes,
    sql.fragment`
    select format('%s (%s) was accepted, and left order %s %s', c.sequence, c.line, c.order_id, coalesce(o.status::text, 'missing'))
    from commands c left join orders o on o.id = c.order_id
    where c.sequence between ${from} and ${to} and c.reject_reason is null and c.order_id >= ${session.first}
      and (case when starts_with(c.line, 'cancel ') then o.done_reason = 'canceled'
        else o.amended_size is not null or o.amended_stop_price is not null or o.amended_expire_time is not null end) is not true
    order by c.sequence`,
  );
  await findDifferences(
    session,
    checks.outcomes,
    sql.fragment`
    select format('order %s is canceled, and no command did that', id) from orders o
    where id between ${from} and ${to} and done_reason = 'canceled' and not exists (
      select from commands c where c.order_id = o.id and c.reject_reason is null and starts_with(c.line, 'cancel '))
    order by id`,
  );
}
