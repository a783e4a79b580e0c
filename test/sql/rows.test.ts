import test from 'ava';
import { SchemaValidationError, sql } from 'slonik';
import { z } from 'zod';
import { freshPool } from '../support/database.ts';

test('a row that is not what its statement says is refused, and every row is looked at', async (t) => {
  const { pool } = await freshPool(t);
  const row = z.object({ price: z.number() });
  t.deepEqual(await pool.any(sql.type(row)`select 1 as price`), [{ price: 1 }]);
  const wrong = sql.type(row)`select price from (values (1), (null)) prices (price)`;
  await t.throwsAsync(pool.any(wrong), { instanceOf: SchemaValidationError });
});
