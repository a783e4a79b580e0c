import test from 'ava';
import fc from 'fast-check';
import { type FragmentSqlToken, sql } from 'slonik';
import { z } from 'zod';
import { createLog } from '../../core/log.ts';
import { encodeCommand } from '../../core/wire/commands.ts';
import { encodeResting } from '../../core/wire/resting-orders.ts';
import { openPool } from '../../sql/pool.ts';
import { placeLine, restingLine } from '../../sql/wire.ts';
import { anyPlace } from '../support/arbitrary-commands.ts';
import { freshDatabase } from '../support/database.ts';
import { seed } from '../support/seed.ts';

// PostgreSQL writes the texts of core/wire from its rows, character for character.

type Row = Record<string, string | number | boolean | null>;
const line = z.object({ line: z.string() });

const places = fc
  .sample(anyPlace, { numRuns: 200, seed })
  .map((place, i) => ({ ...place, id: i + 1, traderId: i, time: place.time % 4e12, requestId: null }));

const rows: Row[] = places.map(({ id, time, ...place }) => ({
  id,
  trader_id: place.traderId,
  product_id: place.productId,
  side: place.side,
  price: place.price,
  size: place.size,
  funds: place.funds,
  time_in_force: place.timeInForce,
  post_only: place.postOnly,
  self_trade_prevention: place.selfTradePrevention,
  stop: place.stop,
  stop_price: place.stopPrice,
  expire_time: place.expireTime,
  max_floor: place.maxFloor,
  client_oid: place.clientOid,
  created_at: new Date(time).toISOString(),
  status: place.stop === null ? 'open' : 'active',
  filled_size: 0,
  executed_value: 0,
}));

/** The line that PostgreSQL writes of each row, with what an amend made of it. */
async function linesOf(amended: Row, from: FragmentSqlToken, text: FragmentSqlToken): Promise<string[]> {
  const { url, drop } = await freshDatabase();
  const pool = await openPool(url, createLog('test', 'silent'), { maxPoolSize: 1, statementTimeout: 10_000 });
  await pool.query(sql.unsafe`select add_partition(1, 10001)`);
  const given = JSON.stringify(rows.map((row) => ({ ...row, ...amended })));
  await pool.query(
    sql.unsafe`insert into orders select * from jsonb_populate_recordset(null::orders, ${given}::jsonb)`,
  );
  const found = await pool.any(sql.type(line)`select ${text} as line from ${from} order by id`);
  await pool.end();
  await drop();
  return found.map(({ line }) => line);
}

test('a row of orders gives the line of its place command', async (t) => {
  t.deepEqual(await linesOf({}, sql.fragment`orders`, placeLine), places.map(encodeCommand));
});

test('a row of orders_now gives what Redis has of a resting order, amended or not', async (t) => {
  const resting = places.map(({ id, ...place }) => ({
    ...place,
    ...{
      remaining: place.size,
      place: id,
      turn: null,
      makerRate: null,
      takerRate: null,
      over: null,
      hidden: null,
    },
    ...(place.stop === null ? { funds: null } : {}),
  }));
  const untouched = await linesOf({}, sql.fragment`orders_now`, restingLine);
  t.deepEqual(untouched, resting.map(encodeResting));
  const amended = await linesOf(
    {
      status: 'open',
      amended_price: 7,
      amended_size: 9,
      filled_size: 4,
      place: 1_234,
      turn: 5,
      hidden: 2,
      ...{ maker_rate: 4, taker_rate: 6, fee_over: 8 },
    },
    sql.fragment`orders_now`,
    restingLine,
  );
  const triggered = {
    stop: null,
    stopPrice: null,
    funds: null,
    turn: 5,
    ...{ makerRate: 4, takerRate: 6, over: 8 },
  };
  const after = { price: 7, size: 9, remaining: 3, hidden: 2, place: 1_234, ...triggered };
  t.deepEqual(
    amended,
    resting.map((order) => encodeResting({ ...order, ...after })),
  );
});
