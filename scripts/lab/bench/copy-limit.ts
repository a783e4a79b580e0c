// The limit of storing: COPY of the same rows into the same tables with the same indexes, one transaction, nothing else at work.

import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { migrate } from '../../../sql/migrate.ts';
import { withPostgres } from '../../../sql/with-postgres.ts';
import type { PrivateExchange } from '../exchange.ts';
import type { ServerRoots } from './machine.ts';
import { cpuSeconds } from './usage.ts';

/** Those that the writer fills for each order, with the order in which it fills them. */
const tables = [
  { name: 'orders', key: 'id' },
  { name: 'trades', key: 'sequence, trade_id' },
  { name: 'commands', key: 'sequence' },
  { name: 'requests', key: 'first_sequence' },
];
const schema = 'copied';

/** Time, and CPU of PostgreSQL, which is the steadier figure on a machine that has other work. */
export type CopyCost = { readonly seconds: number; readonly cpuSeconds: number };

export async function measureCopy(
  { dataDir, databaseUrl }: PrivateExchange,
  { postgres }: Pick<ServerRoots, 'postgres'>,
): Promise<CopyCost> {
  const fileOf = (name: string): string => `${dataDir}/copy-${name}`;
  return withPostgres(databaseUrl, async (source) => {
    for (const { name, key } of tables)
      await pipeline(
        source.query(copyTo(`copy (select * from ${name} order by ${key}) to stdout`)),
        createWriteStream(fileOf(name)),
      );
    const url = await emptyTables(source, databaseUrl);
    const cost = await withPostgres(url, async (target) => {
      const before = cpuSeconds({ postgres });
      const start = performance.now();
      await target.query('begin');
      for (const { name } of tables)
        await pipeline(createReadStream(fileOf(name)), target.query(copyFrom(`copy ${name} from stdin`)));
      await target.query('commit');
      const seconds = (performance.now() - start) / 1_000;
      return { seconds, cpuSeconds: cpuSeconds({ postgres }).postgres! - before.postgres! };
    });
    await source.query(`drop schema ${schema} cascade`);
    return cost;
  });
}

/** The same migrations in a schema of their own, with a partition that takes every row. Returns its address. */
async function emptyTables(source: Client, databaseUrl: string): Promise<string> {
  const mark = databaseUrl.includes('?') ? '&' : '?';
  const url = `${databaseUrl}${mark}options=-c%20search_path%3D${schema}`;
  await migrate(url);
  const { rows } = await source.query<{ below: string }>(
    'select max(below_sequence) as below from partitions',
  );
  await withPostgres(url, (target) => target.query(`select add_partition(1, ${rows[0]!.below})`));
  // So that neither run pays for the other's dirty pages.
  await source.query('checkpoint');
  return url;
}
