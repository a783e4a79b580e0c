import test from 'ava';
import type { DatabasePool } from 'slonik';
import { holdsOf } from '../../../api/accounts/holds.ts';
import { ledgerOf } from '../../../api/accounts/ledger.ts';
import { cursorFrom } from '../../../api/http/merged-cursors.ts';
import { type MergedList, readMerged } from '../../../api/http/merged-list.ts';
import { ordersOf } from '../../../api/orders/merged.ts';
import { transfersOf } from '../../../api/transfers/list.ts';
import { createLog } from '../../../core/log.ts';
import { firstSequenceOf, shardNumberOf } from '../../../core/order.ts';
import { openPool } from '../../../sql/pool.ts';
import { execute, type FreshDatabase, freshDatabase } from '../../support/database.ts';

const shards = [0, 1, 3];
const rowsAShard = 60;
let database: FreshDatabase;
let pool: DatabasePool;

/** Rows of three shards, a second apart, by apis whose clocks differ by up to ten seconds. */
test.before(async () => {
  database = await freshDatabase();
  pool = await openPool(database.url, createLog('test', 'silent'), {
    maxPoolSize: 2,
    statementTimeout: 60_000,
  });
  for (const shard of shards) {
    const first = firstSequenceOf(shard);
    const time = `timestamptz '2026-01-01' + make_interval(secs => i + i * ${shard + 7} * 31 % 10)`;
    const each = `generate_series(0, ${rowsAShard - 1}) i`;
    await execute(
      database.url,
      `select add_partition(${first}, ${first + 1_000})`,
      `insert into orders (id, price, size, filled_size, executed_value, created_at, trader_id, side, time_in_force,
        self_trade_prevention, status, post_only, product_id)
      select ${first} + i, 500, 1, 0, 0, ${time}, 1,
        'sell', 'GTC', 'none', (case when i % 3 = 0 then 'open' else 'active' end)::order_status, false, 'A-USD' from ${each}`,
      // Of each three one to another trader, one from another, and one of no other.
      `insert into transfers (transfer_id, sequence, amount, created_at, movement, trader_id, to_trader_id, currency, shard)
      select 't' || i, ${first} + i, 5, ${time}, (case i % 3 when 2 then 'deposit' else 'transfer' end)::movement,
        case i % 3 when 1 then 2 else 1 end, case i % 3 when 0 then 2 when 1 then 1 end, 'USD', 's${shard}' from ${each}`,
    );
  }
  // Shards take turns, each with a few rows of each of two accounts.
  for (let from = 0; from < rowsAShard; from += 4)
    for (const shard of shards)
      await execute(
        database.url,
        `insert into ledger (sequence, amount, balance, created_at, trader_id, movement, currency, transfer_id)
        select ${firstSequenceOf(shard)} + i / 2, case trader_id when 1 then 5 else -5 end, 0,
          timestamptz '2026-01-01' + make_interval(secs => i + i * ${shard + 7} * 31 % 10), trader_id, 'transfer', 'USD', 't' || i / 2
        from generate_series(${from}, ${from + 3}) i, unnest(array[0, 1]) trader_id order by i, trader_id`,
      );
});
test.after.always(async () => {
  await pool?.end();
  await database?.drop();
});

type Way = 'after' | 'before';
type Asked = { readonly limit: number; readonly ascending?: boolean } & Partial<Record<Way, string>>;
type Shown = { readonly places: number[]; readonly ids: number[]; readonly texts: string[] };
type Ask = (asked: Asked) => Promise<Shown>;

/** Asks for pages of a list: the places of the rows, their ids, and the cursor of each. */
function asking<Row>(listOf: () => MergedList<Row>, idOf?: (row: Row) => number): Ask {
  const read = (text: string | undefined) =>
    text === undefined ? null : cursorFrom(text.split(':').map(Number));
  return async ({ limit, ascending = false, ...at }) => {
    const cursors = { after: read(at.after), before: read(at.before) };
    const list = listOf();
    const page = {
      ...{ limit, ascending, cursors },
      ...{ after: cursors.after?.row ?? null, before: cursors.before?.row ?? null },
    };
    const { rows, cursorOf } = await readMerged(list, page, shards);
    return {
      places: rows.map(list.placeOf),
      ids: rows.map(idOf ?? list.placeOf),
      texts: rows.map((row) => String(cursorOf(row))),
    };
  };
}

const [traderId, currency, ever] = [1, 'USD', { start: null, end: null }];
const statuses = new Set(['open', 'active'] as const);
const lists: Record<string, Ask> = {
  orders: asking(() => ordersOf(pool, { traderId, productId: null, statuses, ...ever })),
  holds: asking(() => holdsOf(pool, { traderId, bought: [], sold: ['A-USD'] })),
  transfers: asking(() => transfersOf(pool, { traderId, currency, type: null })),
  'ledger entries': asking(
    () => ledgerOf(pool, { traderId, currency, ...ever }),
    ({ id }) => id,
  ),
};

/** All places, from one end to the other. */
async function walk(ask: Ask, limit: number, way: 'down' | 'up'): Promise<number[]> {
  const walked: number[] = [];
  for (let last: string | undefined; ; ) {
    const at = last === undefined ? {} : { [way === 'down' ? 'after' : 'before']: last };
    const { places, texts } = await ask({ limit, ascending: way === 'up', ...at });
    if (places.length === 0) return walked;
    walked.push(...places);
    last = texts.at(-1);
  }
}

for (const [what, ask] of Object.entries(lists)) {
  for (const limit of [1, 2, 7, 50])
    test(`pages of ${limit} ${what} have each once, both ways, in the order of its shard, though clocks differ`, async (t) => {
      for (const [way, sign] of [
        ['down', -1],
        ['up', 1],
      ] as const) {
        const walked = await walk(ask, limit, way);
        for (const shard of shards) {
          const own = walked.filter((place) => shardNumberOf(place) === shard);
          t.deepEqual(
            own,
            own.toSorted((one, other) => sign * (one - other)),
          );
          t.is(new Set(own).size, rowsAShard);
          t.is(own.length, rowsAShard);
        }
      }
    });

  test(`what is newer than the oldest of the ${what} comes in pages up to the newest, the newest of each first`, async (t) => {
    const { places, texts } = await ask({ limit: 1_000 });
    const walked: number[] = [];
    for (let before = texts.at(-1)!; ; ) {
      const shown = await ask({ limit: 7, before });
      if (shown.places.length === 0) break;
      walked.unshift(...shown.places);
      before = shown.texts[0]!;
    }
    t.deepEqual(walked.toSorted(), places.slice(0, -1).toSorted());
    for (const shard of shards) {
      const own = walked.filter((place) => shardNumberOf(place) === shard);
      t.deepEqual(
        own,
        own.toSorted((one, other) => other - one),
      );
    }
  });

  test(`a cursor of ${what} parts the list in what is older and what is newer`, async (t) => {
    const { places, texts } = await ask({ limit: 1_000 });
    for (const at of [0, 17, 100])
      t.deepEqual(
        [
          (await ask({ limit: 1_000, after: texts[at]! })).places.toSorted(),
          (await ask({ limit: 1_000, before: texts[at]! })).places.toSorted(),
        ],
        [places.slice(at + 1).toSorted(), places.slice(0, at).toSorted()],
      );
  });

  test(`the id of one of the ${what} is a cursor too, which nothing is left out by`, async (t) => {
    const { ids, places } = await ask({ limit: 1_000 });
    for (const at of [3, 50, 101]) {
      const id = String(ids[at]);
      const older = (await ask({ limit: 1_000, after: id })).places;
      const newer = (await ask({ limit: 1_000, before: id })).places;
      t.deepEqual([...older, places[at]!, ...newer].toSorted(), places.toSorted());
    }
  });
}
