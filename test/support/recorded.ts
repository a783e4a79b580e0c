import type { ExecutionContext } from 'ava';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { Command } from '../../core/wire/commands.ts';
import type { Engine } from './engine.ts';
import { applyAllNaively, newNaiveExchange } from './naive-book.ts';
import { readStored } from './stored.ts';

/** An engine and a database after the commands from `start` + 1 on. */
export type Recorded = {
  readonly pool: DatabasePool;
  readonly engine: Engine;
  readonly commands: readonly Command[];
  readonly start: number;
};

/** What PostgreSQL has is what a naive exchange expects, agrees with itself, and has the balances that Redis has. */
export async function assertRecorded(t: Assertions, recorded: Recorded): Promise<void> {
  await assertEqualsNaive(t, recorded);
  t.deepEqual(await brokenInvariants(recorded.pool, recorded.commands.length), []);
  await assertSameAccounts(t, recorded);
}

type Assertions = Pick<ExecutionContext, 'deepEqual'>;
const anyRow = z.record(z.string(), z.unknown());

/** What the tables say of open orders, against a naive exchange that was given the same commands. */
async function assertEqualsNaive(t: Assertions, { pool, commands, start }: Recorded): Promise<void> {
  const naive = newNaiveExchange(start);
  const reports = applyAllNaively(naive, commands);
  const open = await pool.any(sql.type(anyRow)`
    select id, current_price as price, current_size as size, remaining_size as remaining, current_place as place
    from orders_now where status = 'open' order by id`);
  const resting = [...naive.resting].sort((a, b) => a.id - b.id);
  t.deepEqual(
    open,
    resting.map(({ id, price, size, remaining, place }) => ({ id, price, size, remaining, place })),
  );
  const trades = await pool.any(sql.type(anyRow)`
    select sequence, product_id, trade_id, maker_order_id, price, size from trades order by sequence, trade_id`);
  t.deepEqual(
    trades,
    reports.flatMap(({ sequence, productId, events }) =>
      events
        .filter((event) => event.kind === 'match')
        .map((match) => ({
          sequence,
          product_id: productId,
          trade_id: match.tradeId,
          maker_order_id: match.makerOrderId,
          price: match.price,
          size: match.size,
        })),
    ),
  );
}

/** Checks within PostgreSQL alone; each counts the rows that break it. */
async function brokenInvariants(pool: DatabasePool, count: number): Promise<readonly unknown[]> {
  return pool.any(sql.type(anyRow)`
    select 'a sequence is neither an order nor a command' as broken
    where (select count(*) from (select id from orders union select sequence from commands) s) <> ${count}
    union all
    select 'filled size or value differs from the trades of order ' || o.id from orders o
    left join lateral (
      select coalesce(sum(size), 0) as size, coalesce(sum(price * size), 0) as value
      from trades where maker_order_id = o.id or taker_order_id = o.id) t on true
    where t.size <> o.filled_size or t.value <> o.executed_value
    union all
    select 'trade ids of ' || product_id || ' have a gap' from trades
    group by product_id having max(trade_id) <> count(*) or min(trade_id) <> 1
    union all
    select 'the ledger of ' || currency || ' does not sum to zero' from ledger group by currency having sum(amount) <> 0
    union all
    select 'balance of ' || a.trader_id || ' ' || a.currency || ' is not what its ledger says' from accounts a
    left join lateral (
      select sum(amount) as moved, (array_agg(balance order by id desc))[1] as last
      from ledger where trader_id = a.trader_id and currency = a.currency) l on true
    where a.balance <> coalesce(l.moved, 0) or a.balance <> coalesce(l.last, 0)
    union all
    select 'a running balance is wrong at ' || id from (
      select id, balance, sum(amount) over (partition by trader_id, currency order by id) as sum from ledger) l
    where balance <> sum`);
}

/** Accounts in PostgreSQL, and in Redis, as `<trader> <currency>` → balance and hold. */
async function assertSameAccounts(t: Assertions, { pool, engine }: Recorded): Promise<void> {
  const rows = await pool.any(sql.type(anyRow)`
    select trader_id || ' ' || currency as name, balance, hold from accounts order by trader_id, currency`);
  const { accounts } = await readStored(engine, []);
  const names = Object.keys(accounts).filter((name) => name.endsWith(':hold'));
  t.deepEqual(
    Object.fromEntries(rows.map(({ name, balance, hold }) => [name, { balance, hold }])),
    Object.fromEntries(names.map((name) => [name.replace(/:hold$/, ''), balanceOf(accounts, name)])),
  );
}

function balanceOf(accounts: Record<string, string>, holdName: string): { balance: number; hold: number } {
  const hold = Number(accounts[holdName]);
  return { balance: Number(accounts[holdName.replace(/hold$/, 'available')]) + hold, hold };
}
