import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { describeSchema } from '../../sql/describe.ts';
import { migrate } from '../../sql/migrate.ts';
import { freshDatabase } from '../support/database.ts';

const dump = new URL('../../sql/schema.sql', import.meta.url);

test('the migrations come to what sql/schema.sql says', async (t) => {
  const { url, drop } = await freshDatabase();
  const described = await describeSchema(url);
  if (process.env.UPDATE_SCHEMA) writeFileSync(dump, described);
  t.is(described, readFileSync(dump, 'utf8'), 'run `npm run schema` and commit what it writes');
  t.deepEqual(await migrate(url), [], 'a second migration has nothing to do');
  await drop();
});
