import test from 'ava';
import type { DatabasePool } from 'slonik';
import { cursorFrom } from '../../../api/http/merged-cursors.ts';
import { mergedOrders } from '../../../api/orders/merged.ts';
import { createLog } from '../../../core/log.ts';
import { firstSequenceOf, shardNumberOf } from '../../../core/order.ts';
import { openPool } from '../../../sql/pool.ts';
import { execute, type FreshDatabase, freshDatabase } from '../../support/database.ts';

const shards = [0, 1, 3];
const ordersAShard = 60;
let database: FreshDatabase;
let pool: DatabasePool;

/** Orders of three shards, a second apart, by apis whose clocks differ by up to ten seconds. */
test.before(async () => {
  database = await freshDatabase();
  pool = await openPool(database.url, createLog('test', 'silent'), {
    maxPoolSize: 2,
    statementTimeout: 60_000,
  });
  for (const shard of shards) {
    const first = firstSequenceOf(shard);
    await execute(
      database.url,
      `select add_partition(${first}, ${first + 1_000})`,
      `insert into orders (id, price, size, filled_size, executed_value, created_at, trader_id, side, time_in_force,
        self_trade_prevention, status, post_only, product_id)
      select ${first} + i, 500, 1, 0, 0, timestamptz '2026-01-01' + make_interval(secs => i + i * ${shard + 7} * 31 % 10), 1,
        'sell', 'GTC', 'none', (case when i % 3 = 0 then 'open' else 'active' end)::order_status, false, 'A-USD'
      from generate_series(0, ${ordersAShard - 1}) i`,
    );
  }
});
test.after.always(async () => {
  await pool?.end();
  await database?.drop();
});

type Way = 'after' | 'before';

async function page(limit: number, ascending: boolean, at: Partial<Record<Way, string>>) {
  const read = (text: string | undefined) =>
    text === undefined ? null : cursorFrom(text.split(':').map(Number));
  const cursors = { after: read(at.after), before: read(at.before) };
  const { orders, cursorOf } = await mergedOrders(pool, {
    ...{
      traderId: 1,
      productId: null,
      start: null,
      end: null,
      statuses: new Set(['open', 'active'] as const),
    },
    ...{ limit, ascending, shards, cursors },
    ...{ after: cursors.after?.row ?? null, before: cursors.before?.row ?? null },
  });
  return { ids: orders.map(({ orderId }) => orderId), texts: orders.map(cursorOf) };
}

for (const limit of [1, 2, 7, 50])
  test(`pages of ${limit} have each order once, both ways, in the order of its shard, though clocks differ`, async (t) => {
    const down: number[] = [];
    let last: string | undefined;
    for (;;) {
      const { ids, texts } = await page(limit, false, last === undefined ? {} : { after: last });
      if (ids.length === 0) break;
      down.push(...ids);
      last = texts.at(-1);
    }
    const up: number[] = [];
    for (let first: string | undefined; ; ) {
      // The oldest page, and from there on what is newer.
      const { ids, texts } = await page(limit, true, first === undefined ? {} : { before: first });
      if (ids.length === 0) break;
      up.push(...ids);
      first = texts.at(-1);
    }
    for (const [walked, sign] of [
      [down, -1],
      [up, 1],
    ] as const)
      for (const shard of shards) {
        const own = walked.filter((id) => shardNumberOf(id) === shard);
        t.deepEqual(
          own,
          own.toSorted((one, other) => sign * (one - other)),
        );
        t.is(new Set(own).size, ordersAShard);
        t.is(own.length, ordersAShard);
      }
    const { ids, texts } = await page(1_000, false, {});
    for (const at of [0, 17, 100])
      t.deepEqual(
        [
          (await page(1_000, false, { after: texts[at]! })).ids.toSorted(),
          (await page(1_000, false, { before: texts[at]! })).ids.toSorted(),
        ],
        [ids.slice(at + 1).toSorted(), ids.slice(0, at).toSorted()],
        'a row parts the list in what is older and what is newer',
      );
  });
