import test from 'ava';
import type { DatabasePool } from 'slonik';
import { readPage, readQuery } from '../../../api/http/query.ts';
import { findTrades, type PublicTrade } from '../../../api/market-data/queries/trades.ts';
import { addOlderTrades, addRecentTrade, pageOfRecent } from '../../../api/market-data/recent-trades.ts';
import { createLog } from '../../../core/log.ts';
import { openPool } from '../../../sql/pool.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';

let exchange: Exchange;
let pool: DatabasePool;

const product = 'PIKACHU-USD';
const traded = 240;

test.before(async () => {
  exchange = await startExchange();
  pool = await openPool(exchange.databaseUrl, createLog('test', 'silent'), {
    ...{ maxPoolSize: 1, statementTimeout: 10_000 },
  });
  const [alice, bob] = [await exchange.trader(1), await exchange.trader(2)];
  const orders = (side: string) =>
    Array.from({ length: traded }, (_, i) => ({
      product_id: product,
      side,
      price: `${1 + (i % 9)}.50`,
      size: '1',
    }));
  await alice.post('/orders/batch', orders('sell'));
  await bob.post(
    '/orders/batch',
    orders('buy').map((order) => ({ ...order, price: '10.00' })),
  );
  // Waits until PostgreSQL shows them.
  await bob.get('/orders');
});
test.after.always(async () => {
  await pool?.end();
  await exchange?.stop();
});

const cursors = [null, 1, 2, 50, 139, 140, 141, 142, 190, 239, 240, 241, 1_000];
const limits = [1, 2, 50, 99, 100, 101, 1_000];
const pages = cursors.flatMap((after) =>
  cursors.flatMap((before) =>
    limits.flatMap((limit) => [false, true].map((ascending) => ({ after, before, limit, ascending }))),
  ),
);

test('a page of the latest trades in memory is that of PostgreSQL, or none where older ones are missing', async (t) => {
  const all = await findTrades(pool, product, { after: null, before: null, limit: 1_000, ascending: true });
  t.is(all.length, traded);
  const recent = { trades: [] as PublicTrade[] };
  for (const trade of all) addRecentTrade(recent, trade);
  const oldest = recent.trades[0]!.tradeId;
  t.true(recent.trades.length >= 100 && recent.trades.length <= 200);
  let known = 0;
  for (const page of pages) {
    const stored = await findTrades(pool, product, page);
    const inMemory = pageOfRecent(recent, page);
    if (inMemory) t.deepEqual(inMemory, stored, JSON.stringify(page));
    else t.true(stored.some(({ tradeId }) => tradeId < oldest) || stored.length === 0, JSON.stringify(page));
    if (inMemory) known++;
  }
  t.true(known > 100);
});

test('trades that PostgreSQL had before those in memory are kept, if none is missing between', async (t) => {
  const all = await findTrades(pool, product, { after: null, before: null, limit: 50, ascending: false });
  const [newest, ...older] = all;
  const recent = { trades: [newest!] };
  addOlderTrades(recent, older.slice(1));
  t.is(recent.trades.length, 1);
  addOlderTrades(recent, older);
  t.deepEqual(recent.trades, all.toReversed());
});

test('what is answered is what PostgreSQL has, with its cursors, whichever page is asked for', async (t) => {
  const asked = [
    '',
    'limit=1',
    'limit=50',
    'limit=150',
    'limit=50&after=60',
    'limit=5&before=20',
    'limit=5&before=236',
    'before=240',
  ];
  for (const query of [...asked, ...asked]) {
    const { body, headers } = await exchange.anonymous.get(`/products/${product}/trades?${query}`);
    const stored = await findTrades(pool, product, readPage(readQuery(query)));
    const ids = stored.map(({ tradeId }) => tradeId);
    t.deepEqual(
      body.map((trade: { trade_id: number }) => trade.trade_id),
      ids,
      query,
    );
    t.deepEqual(
      [headers.get('cb-before'), headers.get('cb-after')],
      [ids.at(0), ids.at(-1)].map((id) => (id === undefined ? null : String(id))),
    );
  }
});
