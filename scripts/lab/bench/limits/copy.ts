// The limit of storing: COPY of the same rows into the same tables with the same indexes, one transaction, nothing else at work.

import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { migrate } from '../../../../sql/migrate.ts';
import type { BenchExchange } from '../exchange.ts';
import { startTimer, type Taken } from './taken.ts';

/** Those that the writer fills for each order, with the order in which it fills them. */
const tables = [
  { name: 'orders', key: 'id' },
  { name: 'trades', key: 'sequence, trade_id' },
  { name: 'commands', key: 'sequence' },
  { name: 'requests', key: 'first_sequence' },
];
const schema = 'copied';

export async function measureCopy(
  { dataDir, databaseUrl }: BenchExchange,
  { postgres }: { readonly postgres: number },
): Promise<Taken> {
  const source = new Client(databaseUrl);
  await source.connect();
  const fileOf = (name: string): string => `${dataDir}/copy-${name}`;
  for (const { name, key } of tables)
    await pipeline(
      source.query(copyTo(`copy (select * from ${name} order by ${key}) to stdout`)),
      createWriteStream(fileOf(name)),
    );
  const target = await emptyTables(source, databaseUrl);
  const timer = startTimer(postgres);
  await target.query('begin');
  for (const { name } of tables)
    await pipeline(createReadStream(fileOf(name)), target.query(copyFrom(`copy ${name} from stdin`)));
  await target.query('commit');
  const taken = timer();
  await source.query(`drop schema ${schema} cascade`);
  await Promise.all([source.end(), target.end()]);
  return taken;
}

/** The same migrations in a schema of their own, with a partition that takes every row. */
async function emptyTables(source: Client, databaseUrl: string): Promise<Client> {
  const mark = databaseUrl.includes('?') ? '&' : '?';
  const url = `${databaseUrl}${mark}options=-c%20search_path%3D${schema}`;
  await migrate(url);
  const { rows } = await source.query<{ below: string }>(
    'select max(below_sequence) as below from partitions',
  );
  const target = new Client(url);
  await target.connect();
  await target.query(`select add_partition(1, ${rows[0]!.below})`);
  // So that neither run pays for the other's dirty pages.
  await source.query('checkpoint');
  return target;
}
