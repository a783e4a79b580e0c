import test from 'ava';
import { Client } from 'pg';
import { partitioned, partitionedTables } from '../../sql/tables.ts';
import { freshDatabase } from '../support/database.ts';

test('sql/tables.ts lists the partitioned tables, each with its key, as add_partition does', async (t) => {
  const { url, drop } = await freshDatabase();
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query<{ name: string; key: string }>(`
    select c.relname as name, regexp_replace(pg_get_partkeydef(c.oid), '^RANGE \\((.*)\\)$', '\\1') as key
    from pg_class c where c.relkind = 'p' and c.relnamespace = current_schema()::regnamespace`);
  t.deepEqual(
    Object.fromEntries(rows.map(({ name, key }) => [name, key])),
    Object.fromEntries(partitionedTables.map((table) => [table, partitioned[table].sequence])),
  );
  await client.query('select add_partition(1, 10001)');
  const { rows: added } = await client.query<{ parent: string }>(`
    select i.inhparent::regclass::text as parent from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' order by i.inhrelid`);
  t.deepEqual(
    added.map(({ parent }) => parent),
    [...partitionedTables],
  );
  await client.end();
  await drop();
});
