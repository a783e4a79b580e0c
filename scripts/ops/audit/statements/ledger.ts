// Is every movement of money in the ledger, and does the ledger come to the balances?

import { sql } from 'slonik';
import { z } from 'zod';
import { feesTrader } from '../../../../core/accounts.ts';
import { type Checks, differs } from '../checks.ts';
import { findDifferences, type Range, type Session } from '../session.ts';

const movements = sql.fragment`array['deposit', 'withdraw', 'transfer']`;

/** The line of a movement without its time and request says the same as its row of `transfers`. */
export async function checkTransfers(session: Session, { from, to }: Range, checks: Checks): Promise<void> {
  const { count } = await session.connection.one(sql.type(z.object({ count: z.number() }))`
    select count(*) from transfers where sequence between ${from} and ${to}`);
  checks.transfers.looked += count;
  await findDifferences(
    session,
    checks.transfers,
    sql.fragment`
    select format('%s was %s, and is recorded as %s', coalesce(c.sequence, t.sequence),
      coalesce(c.line || coalesce(' — ' || c.reject_reason, ''), 'no movement'),
      coalesce(t.line || coalesce(' — ' || t.reject_reason, ''), 'none'))
    from (
      select sequence, regexp_replace(line, ' [^ ]+ [^ ]+$', '') as line, reject_reason from commands
      where sequence between ${from} and ${to} and split_part(line, ' ', 1) = any(${movements})
    ) c full join (
      select sequence, concat_ws(' ', movement, trader_id, to_trader_id, currency, amount, transfer_id) as line, reject_reason
      from transfers where sequence between ${from} and ${to}
    ) t using (sequence)
    where (c.line, c.reject_reason) is distinct from (t.line, t.reject_reason) order by 1`,
  );
}

/** How funded products pay: units of their currencies in a lot and in a quote unit. */
const funded = (shard: string) => sql.fragment`
  select p.product_id, p.base_currency as base, p.base_increment / b.increment as base_units,
    p.quote_currency as quote, p.quote_increment * p.base_increment / q.increment as quote_units
  from products p join currencies b on b.currency = p.base_currency join currencies q on q.currency = p.quote_currency
  where p.funded and p.shard = ${shard}`;

/**
 * A trade has four rows: value from buyer to seller, lots from seller to buyer. The buyer's are those in which the quote
 * currency goes down or the base currency up.
 */
export async function checkTradeRows(session: Session, { from, to }: Range, checks: Checks): Promise<void> {
  await findDifferences(
    session,
    checks.ledger,
    sql.fragment`
    with funded as (${funded(session.shard)})
    select format('trade %s of %s in %s has %s ledger rows, or they are not what it moved',
      coalesce(t.trade_id, l.trade_id), coalesce(t.product_id, l.product_id), coalesce(t.sequence, l.sequence), coalesce(l.rows, 0))
    from (
      select sequence, t.product_id, trade_id, price * size * quote_units as value, size * base_units as lots,
        case taker_side when 'buy' then array[taker_trader_id, taker_order_id, maker_trader_id, maker_order_id]
          else array[maker_trader_id, maker_order_id, taker_trader_id, taker_order_id] end as parties
      from trades t join funded f on f.product_id = t.product_id where sequence between ${from} and ${to}
    ) t full join (
      select sequence, l.product_id, trade_id, count(*) as rows,
        min(amount) filter (where currency = quote) as paid, max(amount) filter (where currency = quote) as earned,
        min(amount) filter (where currency = base) as sold, max(amount) filter (where currency = base) as bought,
        array[min(trader_id) filter (where buys), min(order_id) filter (where buys),
          min(trader_id) filter (where not buys), min(order_id) filter (where not buys)] as least,
        array[max(trader_id) filter (where buys), max(order_id) filter (where buys),
          max(trader_id) filter (where not buys), max(order_id) filter (where not buys)] as most
      from ledger l join funded f on f.product_id = l.product_id
      cross join lateral (select (currency = quote) = (amount < 0) as buys) b
      where sequence between ${from} and ${to} and movement = 'match' group by sequence, l.product_id, trade_id
    ) l on l.sequence = t.sequence and l.product_id = t.product_id and l.trade_id = t.trade_id
    where l.rows is distinct from 4 or t.sequence is null or (paid, earned, sold, bought) is distinct from (-value, value, -lots, lots)
      or least is distinct from parties or most is distinct from parties`,
  );
}

/** A fee has two rows, from who traded to the account of all fees; orders have paid what their trades cost. */
export async function checkFeeRows(session: Session, { from, to }: Range, checks: Checks): Promise<void> {
  await findDifferences(
    session,
    checks.ledger,
    sql.fragment`
    with charged as (
      select sequence, product_id, trade_id, maker_order_id as order_id, maker_trader_id as trader_id, maker_fee as fee
      from trades where sequence between ${from} and ${to} and maker_fee > 0
      union all
      select sequence, product_id, trade_id, taker_order_id, taker_trader_id, taker_fee
      from trades where sequence between ${from} and ${to} and taker_fee > 0
    )
    select format('the fees of trade %s of %s in %s for order %s are %s, and their ledger rows are not these',
      coalesce(c.trade_id, l.trade_id), coalesce(c.product_id, l.product_id), coalesce(c.sequence, l.sequence),
      coalesce(c.order_id, l.order_id), coalesce(c.fee, 0))
    from charged c full join (
      select sequence, product_id, trade_id, order_id, count(*) as rows, min(amount) as paid, max(amount) as earned,
        min(trader_id) filter (where amount < 0) as payer, min(trader_id) filter (where amount > 0) as receiver
      from ledger where sequence between ${from} and ${to} and movement = 'fee' group by 1, 2, 3, 4
    ) l on (l.sequence, l.product_id, l.trade_id, l.order_id) = (c.sequence, c.product_id, c.trade_id, c.order_id)
    where l.rows is distinct from 2 or c.sequence is null
      or (l.paid, l.earned, l.payer, l.receiver) is distinct from (-c.fee, c.fee, c.trader_id, ${feesTrader}::integer)`,
  );
}

/** A transfer that was not refused has two rows; trader 0 is the other side of deposits and withdrawals. */
export async function checkTransferRows(
  session: Session,
  { from, to }: Range,
  checks: Checks,
): Promise<void> {
  await findDifferences(
    session,
    checks.ledger,
    sql.fragment`
    select format('transfer %s in %s has %s ledger rows, or they are not what it moved',
      coalesce(t.transfer_id, l.transfer_id), coalesce(t.sequence, l.sequence), coalesce(l.rows, 0))
    from (
      select *, case movement when 'deposit' then 0 else trader_id end as payer,
        case movement when 'deposit' then trader_id when 'withdraw' then 0 else to_trader_id end as receiver
      from transfers where sequence between ${from} and ${to} and reject_reason is null
    ) t full join (
      select sequence, count(*) as rows, min(amount) as paid, max(amount) as earned, min(currency) as currency,
        min(transfer_id) as transfer_id, min(movement) as movement,
        min(trader_id) filter (where amount < 0) as payer, min(trader_id) filter (where amount > 0) as receiver
      from ledger where sequence between ${from} and ${to} and movement not in ('match', 'fee') group by sequence
    ) l on l.sequence = t.sequence
    where l.rows is distinct from 2 or t.sequence is null
      or (l.paid, l.earned, l.currency, l.transfer_id, l.movement, l.payer, l.receiver)
        is distinct from (-t.amount, t.amount, t.currency, t.transfer_id, t.movement, t.payer, t.receiver)`,
  );
}

/** By trader and currency, the balance after the last ledger row so far. It opens with nothing, or with what archives led to. */
export type Balances = Map<string, bigint>;

const units = z.string().transform(BigInt);
const movedRow = z.object({ account: z.string(), rows: z.number(), before: units, moved: units });

/** Each row's balance follows from the one before it, also from partition to partition. */
export async function checkRunningBalances(
  session: Session,
  { from, to }: Range,
  { checks, balances }: { checks: Checks; balances: Balances },
): Promise<void> {
  const rows = await session.connection.any(sql.type(movedRow)`
    select trader_id || ' ' || currency as account, count(*) as rows, sum(amount)::text as moved,
      min(balance - amount) filter (where number = 1)::text as before
    from (
      select trader_id, currency, amount, balance, row_number() over (partition by trader_id, currency order by id) as number
      from ledger where sequence between ${from} and ${to}
    ) l group by trader_id, currency`);
  for (const { account, rows: count, before, moved } of rows) {
    checks.ledger.looked += count;
    const balance = balances.get(account) ?? (session.isWhole ? 0n : before);
    if (balance !== before)
      differs(
        checks.balances,
        `the ledger of ${account} goes on from ${before} and not from ${balance} at ${from}`,
      );
    balances.set(account, balance + moved);
  }
  await findDifferences(
    session,
    checks.balances,
    sql.fragment`
    select format('ledger row %s: balance %s of trader %s in %s follows %s with %s', id, balance, trader_id, currency, before, amount)
    from (
      select *, lag(balance) over (partition by trader_id, currency order by id) as before
      from ledger where sequence between ${from} and ${to}
    ) l where balance <> before + amount order by id`,
  );
}

const accountRow = z.object({ account: z.string(), balance: units });

export async function checkBalances(session: Session, checks: Checks, balances: Balances): Promise<void> {
  const { connection, shard, isWhole } = session;
  const rows = await connection.any(sql.type(accountRow)`
    select trader_id || ' ' || currency as account, balance::text from accounts where shard = ${shard}`);
  const left = new Map(balances);
  for (const { account, balance } of rows) {
    checks.balances.looked++;
    const sum = left.get(account) ?? (isWhole ? 0n : balance);
    left.delete(account);
    if (sum !== balance)
      differs(checks.balances, `account ${account} has ${balance}, and its ledger comes to ${sum}`);
  }
  for (const [account, sum] of left)
    differs(checks.balances, `account ${account} is missing, and its ledger comes to ${sum}`);
}

export async function checkCurrencies({ connection, shard }: Session, checks: Checks): Promise<void> {
  const rows = await connection.any(sql.type(z.object({ currency: z.string(), sum: z.string() }))`
    select currency, sum(balance)::text from accounts where shard = ${shard} group by currency order by currency`);
  for (const { currency, sum } of rows) {
    checks.currencies.looked++;
    if (sum !== '0') differs(checks.currencies, `the accounts in ${currency} sum to ${sum} in PostgreSQL`);
  }
}

/** Open orders of funded products against what their traders have on hold. */
export async function checkHolds(session: Session, checks: Checks): Promise<void> {
  const { shard } = session;
  await findDifferences(
    session,
    checks.holds,
    sql.fragment`
    with funded as (${funded(shard)}),
    held as (select trader_id, currency, hold from accounts where shard = ${shard}),
    costs as (
      select trader_id, case side when 'buy' then quote else base end as currency,
        sum(case when side = 'sell' then remaining_size * base_units when current_price is null then funds * quote_units
          else value + greatest(0, ceil((value * rate - coalesce(fee_over, 0)) / 1000000)) end) as cost
      from orders_now join funded using (product_id)
      cross join lateral (
        select remaining_size * current_price * quote_units as value,
          greatest(coalesce(maker_rate, 0), case status when 'active' then coalesce(taker_rate, 0) else 0 end)::numeric as rate
      ) may_cost
      where status in ('open', 'active') group by 1, 2
    )
    select format('account %s %s has %s on hold in PostgreSQL, and its open orders may cost %s',
      trader_id, currency, coalesce(hold, 0), coalesce(cost, 0)::bigint)
    from held full join costs using (trader_id, currency)
    where coalesce(hold, 0) <> coalesce(cost, 0) order by trader_id, currency`,
  );
}
