import test from 'ava';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { findOrdersOfTrader, type OrderFilter } from '../../../api/orders/queries/orders.ts';
import { createLog } from '../../../core/log.ts';
import { openPool } from '../../../sql/pool.ts';
import { execute, type FreshDatabase, freshDatabase } from '../../support/database.ts';
import { looked, lookedIn, plan } from '../../support/looked.ts';

const orders = 20_000;
let database: FreshDatabase;
let pool: DatabasePool;

/**
 * One trader's orders in two partitions; one of 1,000 is refused, one of 500 open, one of 2,000 waits, all others are done. In a third
 * one are another's 10,000 among those of 5,000 traders who have two each.
 */
test.before(async () => {
  database = await freshDatabase();
  pool = await openPool(database.url, createLog('test', 'silent'), {
    maxPoolSize: 1,
    statementTimeout: 60_000,
  });
  await execute(
    database.url,
    `select add_partition(1, 10001)`,
    `select add_partition(10001, 20001)`,
    `select add_partition(20001, 40001)`,
    `insert into orders (id, price, size, filled_size, executed_value, created_at, trader_id, side, time_in_force,
      self_trade_prevention, status, done_reason, reject_reason, post_only, product_id)
    select id, 500, 1, case when status = 'done' then 1 else 0 end, case when status = 'done' then 500 else 0 end, now(),
      case when id <= ${orders} then 1 when id % 2 = 0 then 2 else 3 + id / 2 % 5000 end,
      'sell', 'GTC', 'none', status, case when status = 'done' then 'filled' end::done_reason,
      case when status = 'rejected' then 'post_only' end::reject_reason, false, 'A-USD'
    from (select id, (case when id % 1000 = 0 then 'rejected' when id % 500 = 1 then 'open' when id % 2000 = 2 then 'active'
      else 'done' end)::order_status as status from generate_series(1, ${2 * orders}) id) made`,
    `analyze orders`,
  );
});
test.after.always(async () => {
  await pool?.end();
  await database?.drop();
});

const all = ['open', 'active', 'done', 'rejected'] as const;
const sets = Array.from({ length: 15 }, (_, i) => all.filter((_, bit) => ((i + 1) >> bit) % 2 === 1));
const usual = { traderId: 1, productId: null, start: null, end: null, after: null, before: null, limit: 10 };

function filterOf(statuses: readonly (typeof all)[number][], more: Partial<OrderFilter> = {}): OrderFilter {
  return { ...usual, ascending: false, ...more, statuses: new Set(statuses) };
}

const statusOf = (id: number) =>
  id % 1_000 === 0 ? 'rejected' : id % 500 === 1 ? 'open' : id % 2_000 === 2 ? 'active' : 'done';
const ids = Array.from({ length: orders }, (_, i) => i + 1);

for (const statuses of sets)
  test(`a page of ${statuses.join(' and ')} orders has the latest of them, beyond any cursor`, async (t) => {
    const found = async (more: Partial<OrderFilter>) =>
      (await findOrdersOfTrader(pool, filterOf(statuses, more))).map(({ orderId }) => orderId);
    const matching = ids.filter((id) => statuses.includes(statusOf(id)));
    t.deepEqual(await found({}), matching.slice(-10).reverse());
    t.deepEqual(
      await found({ after: 10_002 }),
      matching
        .filter((id) => id < 10_002)
        .slice(-10)
        .reverse(),
    );
    t.deepEqual(
      await found({ before: 9_000 }),
      matching
        .filter((id) => id > 9_000)
        .slice(0, 10)
        .reverse(),
    );
    t.deepEqual(await found({ ascending: true }), matching.slice(0, 10));
    t.deepEqual(await found({ productId: 'B-USD' }), []);
  });

const planned = z.object({ name: z.string(), plannedOnce: z.number() });

for (const statuses of sets.filter((some) => !some.includes('done')))
  test(`a page of ${statuses.join(' and ')} orders costs a page, though thousands of others lie between`, async (t) => {
    const rows = await looked(pool, (reads) => findOrdersOfTrader(reads, filterOf(statuses)));
    t.true(rows > 0 && rows <= 10 * statuses.length + 10, `${rows} rows`);
  });

test('the newest page is planned once for all traders, and costs one who has thousands a page', async (t) => {
  const page = (traderId: number) => findOrdersOfTrader(pool, filterOf(all, { traderId }));
  for (let traderId = 2; traderId < 30; traderId++)
    t.is((await page(traderId)).length, traderId === 2 ? 10 : 2, `trader ${traderId}`);
  const { name, plannedOnce } = await pool.one(sql.type(planned)`
    select name, generic_plans as "plannedOnce" from pg_prepared_statements
    where statement like '%where trader\_id = $1 order by id desc limit ''10'')%'`);
  t.true(plannedOnce > 0);
  const explained = await pool.one(sql.type(plan)`
    explain (analyze, format json) execute ${sql.identifier([name])} (2)`);
  const rows = lookedIn(explained);
  t.true(rows >= 10 && rows <= 40, `${rows} rows`);
});
