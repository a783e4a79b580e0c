import test from 'ava';
import type { DatabasePool } from 'slonik';
import { ledgerOf } from '../../../api/accounts/ledger.ts';
import { cursorFrom } from '../../../api/http/merged-cursors.ts';
import { readMerged } from '../../../api/http/merged-list.ts';
import type { MergedPage } from '../../../api/http/query.ts';
import { transfersOf } from '../../../api/transfers/list.ts';
import { createLog } from '../../../core/log.ts';
import { firstSequenceOf } from '../../../core/order.ts';
import { openPool } from '../../../sql/pool.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { execute, type FreshDatabase, freshDatabase } from '../../support/database.ts';
import { looked } from '../../support/looked.ts';

const shards = [0, 1];
const rowsAShard = 10_000;
let database: FreshDatabase;
let pool: DatabasePool;

/** In each of two shards thousands of transfers from trader 1 to trader 2, with their entries in the ledger. */
test.before(async () => {
  database = await freshDatabase();
  pool = await openPool(database.url, createLog('test', 'silent'), {
    maxPoolSize: 1,
    statementTimeout: 60_000,
  });
  for (const shard of shards) {
    const first = firstSequenceOf(shard);
    await execute(
      database.url,
      `select add_partition(${first}, ${first + rowsAShard})`,
      `insert into transfers (transfer_id, sequence, amount, created_at, movement, trader_id, to_trader_id, currency, shard)
      select 't' || i, ${first} + i, 5, timestamptz '2026-01-01' + make_interval(secs => i), 'transfer', 1, 2, 'USD', 's${shard}'
      from generate_series(0, ${rowsAShard - 1}) i`,
      `insert into ledger (sequence, amount, balance, created_at, trader_id, movement, currency, transfer_id)
      select sequence, case party when 1 then -5 else 5 end, 0, created_at, party, 'transfer', 'USD', transfer_id
      from transfers, unnest(array[1, 2]) party where shard = 's${shard}' order by sequence, party`,
    );
  }
  await execute(database.url, 'analyze transfers', 'analyze ledger');
});
test.after.always(async () => {
  await pool?.end();
  await database?.drop();
});

const ever = { start: null, end: null };
const lists: Record<string, (reads: Queries, traderId: number, page: MergedPage) => Promise<unknown>> = {
  transfers: (reads, traderId, page) =>
    readMerged(transfersOf(reads, { traderId, currency: null, type: null }), page, shards),
  'ledger entries': (reads, traderId, page) =>
    readMerged(ledgerOf(reads, { traderId, currency: 'USD', ...ever }), page, shards),
};
const middle = cursorFrom(shards.map((shard) => firstSequenceOf(shard) + rowsAShard / 2));
const cursorsOf = {
  'the newest page': { after: null, before: null },
  'a page of older ones': { after: middle, before: null },
  'a page of newer ones': { after: null, before: middle },
};

for (const [what, read] of Object.entries(lists))
  for (const [which, cursors] of Object.entries(cursorsOf))
    for (const traderId of [1, 2])
      test(`${which} of ${what} of two shards costs trader ${traderId} a page of each`, async (t) => {
        const page = {
          ...{ limit: 10, ascending: false, cursors },
          ...{ after: cursors.after?.row ?? null, before: cursors.before?.row ?? null },
        };
        const rows = await looked(pool, (reads) => read(reads, traderId, page));
        // Two pages of ten, the rows beside them that say where shards end, and the transfers of ten entries.
        t.true(rows >= 20 && rows <= 50, `${rows} rows`);
      });
