import test from 'ava';
import { SchemaValidationError, sql } from 'slonik';
import { z } from 'zod';
import { createLog } from '../../core/log.ts';
import { openPool } from '../../sql/pool.ts';
import { freshDatabase } from '../support/database.ts';

test('a row that is not what its statement says is refused, and every row is looked at', async (t) => {
  const { url, drop } = await freshDatabase();
  const pool = await openPool(url, createLog('test', 'silent'), { maxPoolSize: 1, statementTimeout: 5_000 });
  t.teardown(async () => {
    await pool.end();
    await drop();
  });
  const row = z.object({ price: z.number() });
  t.deepEqual(await pool.any(sql.type(row)`select 1 as price`), [{ price: 1 }]);
  const wrong = sql.type(row)`select price from (values (1), (null)) prices (price)`;
  await t.throwsAsync(pool.any(wrong), { instanceOf: SchemaValidationError });
});
